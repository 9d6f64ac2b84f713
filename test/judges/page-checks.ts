import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import * as v from 'valibot';
import { requestActivations } from '../../local/demo/observe.ts';
import { putFlowLogs, type Stage, statusOf, until } from './page-stage.ts';

type Look = { width: number; height: number; colorScheme: 'light' | 'dark' };

export const LOOKS: Look[] = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
];

/** What axe-core finds of these weights is a fault. */
const HEAVY = ['serious', 'critical'];

const AxeResult = v.object({
  violations: v.array(
    v.object({
      id: v.string(),
      impact: v.nullish(v.string()),
      nodes: v.array(v.object({ html: v.string() })),
    }),
  ),
});

/** Every view by its fragment, with a text that it shows once it has its data. */
export function viewsOf({
  batchId,
  operationId,
  planId,
  idOf,
}: Stage): Record<string, { fragment: string; shows: string }> {
  const one = (flowLogId: string) => `#/activations/${idOf(flowLogId)}`;
  return {
    overview: { fragment: '#/', shows: 'Failed: frozen' },
    activations: { fragment: '#/activations', shows: 'fl-held-1' },
    'filtered activations': { fragment: '#/activations?status=failed&account=default', shows: 'fl-gone' },
    'nothing found': { fragment: '#/activations?flowLogId=fl-none', shows: 'No activation fits' },
    'a completed one': { fragment: one('fl-edge'), shows: 'Event on the bus: completed' },
    'a held one': { fragment: one('fl-held-1'), shows: 'On hold: AccessDenied' },
    'a failed one': { fragment: one('fl-cold-1'), shows: 'Failed: frozen' },
    failures: { fragment: '#/failures', shows: 'fl-cold-1' },
    'what is held': { fragment: '#/activations?held=true', shows: 'fl-held-2' },
    operations: { fragment: '#/operations', shows: 'reason deleting' },
    'an operation': { fragment: `#/operations/${operationId}`, shows: 'Why' },
    batches: { fragment: '#/batches', shows: batchId },
    'a batch': { fragment: `#/batches/${batchId}`, shows: 'fl-deleting' },
    'a plan': { fragment: `#/plans/${planId}`, shows: 'fl-planned' },
    events: { fragment: '#/events', shows: 'fl-edge' },
    alarms: { fragment: '#/alarms', shows: 'DeadLettersAlarm' },
    'a new request': { fragment: '#/new', shows: 'Activate flow logs' },
    faults: { fragment: '#/faults', shows: 'Replies are lost' },
    'no view': { fragment: '#/nothing', shows: 'There is no such view' },
  };
}

/** A page of its own, with a list of what a browser complains about: errors, and what the content policy has blocked. */
export async function openPage(browser: Browser, { width, height, colorScheme }: Look) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

/** Goes there, and waits until the view has its data. */
export async function show(
  page: Page,
  { world }: Stage,
  { fragment, shows }: { fragment: string; shows: string },
) {
  await page.goto(`${world.apiUrl}/${fragment}`);
  await page.getByRole('main').getByText(shows).first().waitFor();
}

/** Every view, as wide as a desk and as narrow as a phone, by day and by night. */
export async function checkViews(browser: Browser, stage: Stage): Promise<string[]> {
  const wrong: string[] = [];
  for (const look of LOOKS) {
    const { page, complaints, close } = await openPage(browser, look);
    for (const [name, view] of Object.entries(viewsOf(stage))) {
      const where = `${name}, ${look.width} px, ${look.colorScheme}`;
      await show(page, stage, view);
      if ((await page.getByRole('heading', { level: 1 }).count()) !== 1) wrong.push(`${where}: not one h1`);
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (tooWide > 0) wrong.push(`${where}: ${tooWide} px wider than the screen`);
      wrong.push(...(await axeFindings(page)).map((finding) => `${where}: ${finding}`));
    }
    wrong.push(...complaints.map((complaint) => `${look.width} px, ${look.colorScheme}: ${complaint}`));
    await close();
  }
  return wrong;
}

async function axeFindings(page: Page): Promise<string[]> {
  // Not as a script of the page: its content policy allows none.
  await page.evaluate(axe.source);
  const result = v.parse(AxeResult, await page.evaluate('axe.run()'));
  return result.violations
    .filter(({ impact }) => HEAVY.includes(impact ?? ''))
    .map(({ id, impact, nodes }) => `axe-core, ${impact}: ${id}: ${nodes[0]?.html}`);
}

/** The state of the list stands in the URL: a reload keeps it, and the browser's own button goes back. */
export async function checkUrl(browser: Browser, stage: Stage): Promise<string[]> {
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/activations', shows: 'fl-held-1' });
    await page.getByLabel('Reason').selectOption('frozen');
    await page.getByRole('link', { name: 'fl-cold-1' }).waitFor();
    const rows = () => page.locator('tbody tr').count();
    const wrong: string[] = [];
    if (!page.url().endsWith('#/activations?status=failed&reason=frozen'))
      wrong.push(`the URL is ${page.url()}`);
    if ((await rows()) !== 3) wrong.push(`${await rows()} rows, not 3`);
    await page.reload();
    await page.getByRole('link', { name: 'fl-cold-1' }).waitFor();
    if ((await rows()) !== 3) wrong.push(`${await rows()} rows after a reload, not 3`);
    await page.goBack();
    await page.getByRole('link', { name: 'fl-held-1' }).waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Newest' }).waitFor();
    return wrong;
  });
}

/** A frozen one is paid for, redriven, and the page shows how it becomes Active. */
export async function checkRedrive(browser: Browser, stage: Stage): Promise<string[]> {
  await putFlowLogs(stage.world, [{ flowLogId: 'fl-cold-3' }]);
  const activationId = stage.idOf('fl-cold-3');
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: `#/activations/${activationId}`, shows: 'Failed: frozen' });
    await page.getByRole('button', { name: 'Redrive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click();
    await page.getByText('Generation 2').waitFor();
    await page.getByText('Nothing is left to do').waitFor();
    return (await statusOf(stage, activationId)) === 'completed' ? [] : ['it is not completed'];
  });
}

/** The failures are reached, looked at and redriven without a mouse, and what is focused can be seen. */
export async function checkKeyboard(browser: Browser, stage: Stage): Promise<string[]> {
  await putFlowLogs(stage.world, [{ flowLogId: 'fl-cold-1' }, { flowLogId: 'fl-cold-2' }]);
  return onPage(browser, async (page) => {
    const wrong: string[] = [];
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate(
          () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
        );
        const text = await focused();
        if (outline === 'none' && text !== '')
          wrong.push(`the focus on "${text.slice(0, 30)}" cannot be seen`);
        if (name.test(text)) return;
      }
      throw new Error(`the Tab key does not reach ${name}`);
    };
    await show(page, stage, { fragment: '#/', shows: 'Failed: frozen' });
    await tabTo(/^Skip to the content$/);
    await page.keyboard.press('Enter');
    if ((await page.evaluate(() => document.activeElement?.tagName)) !== 'MAIN')
      wrong.push('nothing was skipped');
    await page.keyboard.press('Home');
    await page.reload();
    await tabTo(/^Failures$/);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'fl-cold-1' }).waitFor();
    await tabTo(/^Redrive 2$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    if ((await page.getByRole('dialog').count()) > 0) wrong.push('Escape does not close the dialog');
    if ((await focused()) !== 'Redrive 2') wrong.push(`Escape gives the focus to "${await focused()}"`);
    await page.keyboard.press('Enter');
    await tabTo(/^Redrive 2$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Redrive: reason frozen' }).waitFor();
    await until(async () => (await statusOf(stage, stage.idOf('fl-cold-1'))) === 'completed', 'the redrive');
    return wrong;
  });
}

const MANY = Array.from({ length: 600 }, (_, index) => `fl-many-${index}`);

/** An account is paused, many of its activations are cancelled, and that is aborted before it has done all of them. */
export async function checkOperation(browser: Browser, stage: Stage): Promise<string[]> {
  const { apiUrl } = stage.world;
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/', shows: 'default' });
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('OPS-42');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('OPS-42').waitFor();
    const batchId = await requestActivations(apiUrl, MANY);
    await show(page, stage, {
      fragment: `#/activations?status=queued&batchId=${batchId}`,
      shows: 'fl-many-0',
    });
    await page.getByRole('button', { name: 'Cancel all' }).click();
    await dialog.getByRole('button', { name: 'Cancel all' }).click();
    await page.getByRole('button', { name: 'Abort' }).click();
    await dialog.getByRole('button', { name: 'Abort' }).click();
    await page.getByText('Ended').waitFor();
    const wrong: string[] = [];
    if ((await page.getByText('aborted', { exact: true }).count()) === 0) wrong.push('it was not aborted');
    await show(page, stage, { fragment: '#/', shows: 'OPS-42' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const batch = v.object({
      counts: v.object({ failed: v.number(), completed: v.number() }),
      done: v.boolean(),
    });
    const read = async () => v.parse(batch, await (await fetch(`${apiUrl}/batches/${batchId}`)).json());
    await until(async () => (await read()).done, 'what was not cancelled becomes Active');
    const { failed, completed } = (await read()).counts;
    if (completed === 0) wrong.push(`all ${failed} were cancelled`);
    return wrong;
  });
}

/** The plan is opened by its id and executed, without a mouse; what is published meanwhile is shown as it comes. */
export async function checkPlan(browser: Browser, stage: Stage): Promise<string[]> {
  return onPage(browser, async (page) => {
    const wrong: string[] = [];
    await show(page, stage, { fragment: '#/batches', shows: stage.batchId });
    await page.getByLabel('Id of a batch or a plan').focus();
    await page.keyboard.type(stage.planId);
    await page.keyboard.press('Enter');
    const execute = page.getByRole('main').getByRole('button', { name: 'Execute 1' });
    await execute.first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('executed', { exact: true }).waitFor();
    await page.getByRole('link', { name: /^b-/ }).click();
    await page.getByText('1 of 1').first().waitFor();
    await show(page, stage, { fragment: '#/events', shows: 'fl-planned' });
    await page.getByText('batch completed').first().waitFor();
    if ((await page.locator('tbody tr').count()) > 100) wrong.push('more than 100 events');
    const [activationId = ''] = await requestIds(stage, ['fl-live']);
    await page.getByRole('row', { name: /^completed fl-live/ }).waitFor();
    await page
      .getByRole('row', { name: /^completed fl-live/ })
      .getByRole('link')
      .click();
    await page.getByText('What webhook endpoints got is not stored').waitFor();
    if ((await statusOf(stage, activationId)) !== 'completed') wrong.push('fl-live is not completed');
    return wrong;
  });
}

/** An alarm is raised, and shown above those that are not, each with its runbook. */
export async function checkAlarms(browser: Browser, stage: Stage): Promise<string[]> {
  const { apiUrl } = stage.world;
  await putFlowLogs(stage.world, [{ flowLogId: 'fl-unpaid', status: 'Deleting' }]);
  await requestActivations(apiUrl, ['fl-unpaid']);
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/alarms', shows: 'docs/guides/runbooks.md#deadlettersalarm' });
    const list = page.getByRole('list', { name: 'Alarms' });
    await list.getByRole('listitem').first().getByText('alarm', { exact: true }).waitFor();
    const { alarms } = v.parse(
      v.object({ alarms: v.array(v.unknown()) }),
      await (await fetch(`${apiUrl}/_local/alarms`)).json(),
    );
    const shown = await list.getByText('Runbook:').count();
    return shown === alarms.length ? [] : [`${shown} of ${alarms.length} alarms have their runbook`];
  });
}

/** More activations than one page of batches looks at: the first batch is on a later page. */
export async function checkOlderBatches(browser: Browser, stage: Stage): Promise<string[]> {
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/batches', shows: 'Of the newest 200' });
    const old = page.getByRole('link', { name: stage.batchId });
    const wrong = (await old.count()) > 0 ? ['the first batch is on the first page'] : [];
    for (let pages = 0; pages < 10 && (await old.count()) === 0; pages += 1) {
      const url = page.url();
      await page.getByRole('link', { name: 'Older' }).click();
      await until(async () => page.url() !== url, 'an older page');
      await page.getByRole('link', { name: /^b-/ }).first().waitFor();
    }
    await old.waitFor();
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.getByText('Of the newest 200').waitFor();
    return wrong;
  });
}

async function requestIds({ world }: Stage, flowLogIds: string[]): Promise<string[]> {
  const batchId = await requestActivations(world.apiUrl, flowLogIds);
  return flowLogIds.map((flowLogId) => ['default', 'cn-beijing', flowLogId, batchId].join('.'));
}

/** A switch adds a fault to the fake, and takes it away. */
export async function checkFaults(browser: Browser, stage: Stage): Promise<string[]> {
  const faultsOf = async () => {
    const response = await fetch(`${stage.world.description.volcengine}/_fake/faults`);
    return v.parse(v.object({ faults: v.array(v.unknown()) }), await response.json()).faults.length;
  };
  const before = await faultsOf();
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/faults', shows: 'Replies are lost' });
    const one = page.getByRole('switch', { name: /^Volcengine throttles/ });
    await one.click();
    await until(async () => (await faultsOf()) === before + 1 && one.isChecked(), 'the fault is on');
    await one.click();
    await until(async () => (await faultsOf()) === before && !(await one.isChecked()), 'the fault is off');
    return [];
  });
}

/** Flow logs are asked for, and their batch is shown until it is done. */
export async function checkRequest(browser: Browser, stage: Stage): Promise<string[]> {
  return onPage(browser, async (page) => {
    await show(page, stage, { fragment: '#/new', shows: 'Activate flow logs' });
    await page.getByLabel('Flow log ids').fill('fl-asked-1, fl-asked-2');
    await page.getByRole('main').getByRole('button', { name: 'Activate' }).click();
    await page.getByText('2 of 2').first().waitFor();
    await page.getByRole('link', { name: 'fl-asked-2' }).waitFor();
    return [];
  });
}

/** A desk by day. What the browser complained about is added to what was found. */
async function onPage(browser: Browser, play: (page: Page) => Promise<string[]>): Promise<string[]> {
  const [look] = LOOKS;
  if (look === undefined) throw new Error('there is no look');
  const { page, complaints, close } = await openPage(browser, look);
  try {
    return [...(await play(page)), ...complaints];
  } finally {
    await close();
  }
}
