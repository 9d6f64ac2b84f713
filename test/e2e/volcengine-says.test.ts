import * as v from 'valibot';
import { beforeAll, expect, test } from 'vitest';
import { endAfterAll } from '../support/end-after-all.ts';
import { type SeenEvent, startTestWorld, type TestWorld, until } from './world.ts';

/* One world for all: each test has flow logs, or a region, of its own. */

const project = (projectName: string) => ({ selector: { project: projectName }, dryRun: true });

let world: TestWorld;
const endWorld = endAfterAll();
beforeAll(async () => {
  world = await startTestWorld({ env: { HOLD_RETRY_MS: '1000' } }, endWorld);
});

const seed = (flowLogId: string, change?: Record<string, unknown>) => world.seed(flowLogId, change);

const select = (body: unknown) => world.postTo('/batches', body);

const ended = (id: string) =>
  world.untilActivation(id, ({ status }) => status === 'completed' || status === 'failed');

const historyOf = async (id: string) =>
  v
    .parse(v.array(v.looseObject({ event: v.string() })), (await world.activation(id)).history)
    .map(({ event }) => event);

/** The events of an activation's history after a check. */
async function historyAfterCheck(id: string): Promise<string[]> {
  const check = await world.checkDrift();
  expect(check.headers.get('x-amz-function-error')).toBeNull();
  return historyOf(id);
}

test('a lock that is being lifted is waited for, selected, redriven, and is no drift', async () => {
  const unlock = { lockReason: 'unlock', businessStatus: 'FinancialLocked' };
  await seed('fl-lifted', { ...unlock, plan: [{ afterMs: 1_500, frozen: false }] });
  await seed('fl-locked', { frozen: true });
  await seed('fl-drifting', { projectName: 'restored' });
  const [lifted = '', locked = '', drifting = ''] = await world.request(
    'fl-lifted',
    'fl-locked',
    'fl-drifting',
  );
  expect(await ended(locked)).toMatchObject({ status: 'failed', reason: 'frozen' });
  expect((await world.redriveWhenTold(locked)).body.detail).toContain('frozen');
  await seed('fl-locked', { ...unlock, projectName: 'restored', plan: [{ afterMs: 1_500, frozen: false }] });
  expect((await select(project('restored'))).body).toMatchObject({ ids: { wouldActivate: ['fl-locked'] } });
  expect(await world.redrive(locked)).toMatchObject({ status: 202, body: { generation: 2 } });

  expect(await ended(drifting)).toMatchObject({ status: 'completed' });
  for (const [change, event] of [
    [{ frozen: true }, 'drifted: frozen'],
    [{ status: 'Active' }, 'drift ended'],
  ] as const) {
    await seed('fl-drifting', change);
    await until(
      () => historyAfterCheck(drifting),
      (events) => events.at(-1) === event,
    );
  }
  // Nothing of it is still to be told, so this check looks, and sees no drift.
  await seed('fl-drifting', unlock);
  expect((await historyAfterCheck(drifting)).at(-1)).toBe('drift ended');

  for (const id of [lifted, locked]) expect(await ended(id)).toMatchObject({ status: 'completed' });
});

test.each(['[]', 'null', 'absent', 'no-result'])('an empty list may be %s', async (emptyList) => {
  const [missing = ''] = await world.request(`fl-missing-${emptyList.replace(/\W/g, '')}`);
  expect(await ended(missing)).toMatchObject({ status: 'failed', reason: 'not-found' });
  await world.changeSettings({ emptyList });
  expect(await select(project('nothing there'))).toMatchObject({ status: 200, body: { more: false } });
  expect(await world.redriveWhenTold(missing)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('does not show the flow log') },
  });
  await world.changeSettings({ emptyList: null });
});

test('errors of every shape, under any status, are known by their Code', async () => {
  const once = { kind: 'error', action: 'ActiveFlowLog', times: 1 };
  const faults = {
    'fl-simple': { ...once, code: 'Throttling', shape: 'simple' },
    'fl-simple-text': { ...once, code: 'InternalError', shape: 'simple-text', httpStatus: 200 },
    'fl-throttled': { ...once, code: 'TooManyRequestsException', httpStatus: 400 },
    'fl-token': { ...once, code: 'SessionTokenInvalid', httpStatus: 400 },
    'fl-key': { ...once, code: 'InvalidAccessKeyStatus', httpStatus: 200 },
    'fl-bom': { kind: 'bom' },
    'fl-empty-error': { kind: 'empty-error' },
    'fl-malformed': { ...once, code: 'InvalidFlowLogId.Malformed', httpStatus: 400 },
    'fl-too-long': { kind: 'html', action: 'ActiveFlowLog', httpStatus: 431 },
  };
  await Promise.all(Object.keys(faults).map((flowLogId) => seed(flowLogId)));
  await world.addFaults(Object.entries(faults).map(([flowLogId, fault]) => ({ ...fault, flowLogId })));
  const ids = await world.request(...Object.keys(faults));
  const ends = await Promise.all(
    ids.map(async (id, index) => {
      const { status, reason } = await ended(id);
      const [, first] = await historyOf(id);
      return [Object.keys(faults)[index], [first, reason ?? status]];
    }),
  );
  expect(Object.fromEntries(ends)).toEqual({
    'fl-simple': ['throttled', 'completed'],
    'fl-simple-text': ['retry', 'completed'],
    'fl-throttled': ['throttled', 'completed'],
    'fl-token': ['hold', 'completed'],
    'fl-key': ['hold', 'completed'],
    'fl-bom': ['accepted', 'completed'],
    'fl-empty-error': ['accepted', 'completed'],
    'fl-malformed': ['failed: invalid-request', 'invalid-request'],
    'fl-too-long': ['failed: invalid-request', 'invalid-request'],
  });
});

test('the task that Volcengine started is named to callers and subscribers, and calls name themselves', async () => {
  await seed('fl-task');
  const [id = ''] = await world.request('fl-task');
  const { asyncTaskId, history } = await ended(id);
  expect(asyncTaskId).toMatch(/^task-/);
  expect(history).toContainEqual(expect.objectContaining({ event: 'accepted', asyncTaskId }));

  const { look } = world.watchEvents();
  const ofTask = (type: string) => (seen: SeenEvent) => seen.id === `${id}.1.${type}`;
  const events = await until(
    look,
    (seen) => seen.some(ofTask('submitted')) && seen.some(ofTask('completed')),
  );
  for (const type of ['submitted', 'completed']) {
    expect(events.find(ofTask(type))).toMatchObject({ data: { asyncTaskId } });
  }

  const calls = await world.volcengineCalls();
  expect(new Set(calls.map(({ userAgent }) => userAgent))).toEqual(
    new Set([expect.stringMatching(/^flow-log-activator\/\d/)]),
  );
});

test('a selector that is too long is refused at once, and one that a server finds too long, too', async () => {
  const env = Array.from({ length: 10 }, (_, index) => `${index}${'冻'.repeat(200)}`);
  const tooLong = { status: 422, body: { errors: [{ field: 'selector' }] } };
  expect(await select({ selector: { tags: { env } } })).toMatchObject(tooLong);
  for (const httpStatus of [414, 431]) {
    const far = `ap-southeast-${httpStatus}`;
    await world.addFaults({ kind: 'html', httpStatus, action: 'DescribeFlowLogs', region: far });
    expect(await select({ selector: { region: far } })).toMatchObject(tooLong);
  }
});

test('at an endpoint of its own any region may be one', async () => {
  await seed('fl-elsewhere', { region: 'cn-bejing' });
  const { body, status } = await world.post({ flowLogIds: ['fl-elsewhere'], region: 'cn-bejing' });
  expect(status).toBe(202);
  await world.untilBatch(body.batchId, ({ counts }) => counts.completed === 1);
});
