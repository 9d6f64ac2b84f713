import { expect, test } from 'vitest';
import { codesIn, readPage, rowsOf, sectionOf } from '../contract/documents/page.ts';
import { startReceiver } from '../support/fakes/start-receiver.ts';
import { activationIdsOf, startTestWorld, type TestWorld, until } from './world.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const REQUEST_ID = 'OPS-42.run-7';
const ASKED = { 'x-request-id': REQUEST_ID, traceparent: TRACEPARENT };
const ASKED_IDS = { callerRequestId: REQUEST_ID, traceparent: TRACEPARENT };

/** A job that waits for its turn is not overdue here: its line would be one more. */
const startWorld = (fake: object, env: Record<string, string> = {}) =>
  startTestWorld({ fake, env: { REQUEUE_AFTER_MS: '60000', ...env } });

/** What somebody finds who searches the logs of all functions for a text. */
const linesWith = ({ logs }: TestWorld, text: string) =>
  logs
    .filter((line) => line.level !== 'METRIC' && JSON.stringify(line).includes(text))
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));

const shown = ({ level, source, message, fields }: TestWorld['logs'][number]) =>
  [level, source, message, fields.eventId ?? fields.code].filter((part) => part !== undefined).join(' | ');

/** Lines of webhooks come as their queue brings them. All others have their order. */
async function untilLines(world: TestWorld, text: string, webhooks: number) {
  const isWebhook = ({ source }: { source: string }) => source === 'send-webhooks';
  await until(
    () => linesWith(world, text).filter(isWebhook),
    ({ length }) => length >= webhooks,
  );
  const lines = linesWith(world, text);
  return {
    lines,
    inOrder: lines.filter((line) => !isWebhook(line)).map(shown),
    webhooks: lines.filter(isWebhook).map(shown).sort(),
  };
}

const page = await readPage('docs/reference/logs.md');
const fields = ['Ids', 'Fields'].flatMap((heading) =>
  rowsOf(sectionOf(page, heading)).flatMap(([names = '']) => codesIn(names)),
);

/** Each field of a line that a function wrote has one meaning: a row of the page. */
function expectDocumented({ logs }: TestWorld): void {
  const written = logs.filter(({ level, source }) => level !== 'METRIC' && source.includes('-'));
  const names = new Set(written.flatMap((line) => Object.keys(line.fields)));
  expect([...names]).toContain('callerRequestId');
  expect([...names].filter((name) => !fields.includes(name))).toEqual([]);
}

test('an activation followed by its id alone, from HTTP to a delivered webhook, in the logs: every line', async () => {
  const receiver = await startReceiver();
  const seeds = [
    { region: 'cn-beijing', flowLogId: 'fl-1', pendingMs: 300 },
    { region: 'cn-beijing', flowLogId: 'fl-cold', frozen: true },
  ];
  const hook = { url: receiver.url, secrets: [SECRET], types: ['flow-log-activation'] };
  const world = await startWorld({ seeds }, { WEBHOOK_ENDPOINTS: JSON.stringify({ hook }) });
  const { body, headers } = await world.postTo('/activations', { flowLogIds: ['fl-1', 'fl-cold'] }, ASKED);
  expect(headers.get('x-request-id')).toBe(REQUEST_ID);
  const [good = '', cold = ''] = activationIdsOf(body);

  const ofGood = await untilLines(world, good, 2);
  expect(ofGood.inOrder).toEqual([
    'INFO | request-activations | activations requested',
    'INFO | activate-flow-log | ActiveFlowLog called',
    `INFO | poll-activations | event published | ${good}.1.submitted`,
    `INFO | poll-activations | event published | ${good}.1.completed`,
  ]);
  expect(ofGood.webhooks).toEqual([
    `INFO | send-webhooks | webhook delivered | ${good}.1.completed`,
    `INFO | send-webhooks | webhook delivered | ${good}.1.submitted`,
  ]);
  const ids = { ...ASKED_IDS, batchId: body.batchId };
  const [requested, ...others] = ofGood.lines;
  expect(requested?.fields).toMatchObject({ ...ids, activationIds: [good, cold] });
  for (const line of others) {
    expect(line.fields).toMatchObject({ ...ids, activationId: good, flowLogId: 'fl-1' });
  }

  const ofCold = await untilLines(world, cold, 1);
  expect([...ofCold.inOrder.slice(0, 2), ...ofCold.inOrder.slice(2).sort()]).toEqual([
    'INFO | request-activations | activations requested',
    'INFO | activate-flow-log | ActiveFlowLog called | InvalidFlowLog.InvalidStatus',
    'INFO | poll-activations | dead letter sent',
    `INFO | poll-activations | event published | ${cold}.1.failed`,
  ]);
  expect(ofCold.webhooks).toEqual([`INFO | send-webhooks | webhook delivered | ${cold}.1.failed`]);
  for (const message of ['ActiveFlowLog called', 'dead letter sent']) {
    const { fields: ofLine } = ofCold.lines.find((line) => line.message === message) ?? {};
    expect(ofLine).toMatchObject({ ...ids, flowLogId: 'fl-cold', reason: 'frozen' });
  }

  // The id of the request finds the same, and the request itself, and the end of its batch.
  await world.untilLogged('event published', (line) => line.fields.eventId === `${body.batchId}.completed`);
  const ofRequest = linesWith(world, REQUEST_ID);
  expect(ofRequest).toEqual(expect.arrayContaining([...ofGood.lines, ...ofCold.lines]));
  const rest = ofRequest.filter((line) => !ofGood.lines.includes(line) && !ofCold.lines.includes(line));
  expect(rest.map(shown)).toEqual([
    'INFO | request-activations | POST /activations 202',
    'INFO | poll-activations | batch completed',
    `INFO | poll-activations | event published | ${body.batchId}.completed`,
  ]);
  for (const { fields: ofLine } of ofRequest) expect(ofLine).toMatchObject(ASKED_IDS);

  for (const { headers: sent, body: event } of receiver.received) {
    expect(sent.traceparent).toBe(TRACEPARENT);
    expect(JSON.parse(event.toString())).toMatchObject({
      traceparent: TRACEPARENT,
      data: { callerRequestId: REQUEST_ID },
    });
  }
  expectDocumented(world);
});

test('an activation on hold warns with its cause, and one line for each webhook attempt says how it ended', async () => {
  let isWell = false;
  const receiver = await startReceiver((response) => response.writeHead(isWell ? 204 : 500).end());
  const role = { roleTrn: 'trn:iam::2100000001:role/flow-logs', via: 'default', externalId: 'external-id-2' };
  const hook = { url: receiver.url, secrets: [SECRET], types: ['flow-log-activation.completed'] };
  const world = await startWorld(
    { autoCreate: { pattern: 'fl-*', pendingMs: 300 }, roles: [] },
    {
      VOLCENGINE_ACCOUNTS: JSON.stringify({ second: { assumeRole: role } }),
      HOLD_RETRY_MS: '1000',
      WEBHOOK_ENDPOINTS: JSON.stringify({ hook }),
      WEBHOOK_RETRY_BASE_MS: '100',
    },
  );
  const { body } = await world.postTo('/activations', { flowLogIds: ['fl-1'], account: 'second' }, ASKED);
  const [activationId = ''] = activationIdsOf(body);
  const held = await world.untilLogged('activation on hold');
  expect(held).toMatchObject({
    level: 'WARN',
    source: 'activate-flow-log',
    fields: {
      ...ASKED_IDS,
      activationId,
      flowLogId: 'fl-1',
      batchId: body.batchId,
      outcome: 'hold',
      code: 'CredentialsUnavailable',
      cause: expect.stringContaining('AssumeRole with the credentials of "default" failed: AccessDenied'),
    },
  });
  await world.changeSettings({
    roles: [{ roleTrn: role.roleTrn, externalId: role.externalId, account: 'second', trusts: 'default' }],
  });
  await world.untilLogged('webhook attempt failed');
  isWell = true;
  await world.untilLogged('webhook delivered');

  const { lines, inOrder } = await untilLines(world, activationId, 2);
  expect(inOrder.filter((line) => !line.includes('activation on hold'))).toEqual([
    'INFO | request-activations | activations requested',
    'INFO | activate-flow-log | ActiveFlowLog called',
    `INFO | poll-activations | event published | ${activationId}.1.submitted`,
    `INFO | poll-activations | event published | ${activationId}.1.completed`,
  ]);
  const attempts = lines.filter(({ source }) => source === 'send-webhooks');
  expect(attempts.map((line) => line.fields.attempt)).toEqual(receiver.received.map((_, index) => index + 1));
  expect(attempts[0]).toMatchObject({ level: 'WARN', fields: { ...ASKED_IDS, httpStatus: 500 } });
  expect(JSON.stringify(world.logs)).not.toContain('external-id-2');
  expectDocumented(world);
}, 120_000);
