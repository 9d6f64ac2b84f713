import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalWorld, startLocalWorld } from '../../local/world.ts';
import { activationOf, addFaults, batch, call, post, QUICK, until } from './world.ts';

/* One world for all: each test has flow logs, or a region, of its own. */

const region = 'cn-beijing';
const project = (projectName: string) => ({ selector: { project: projectName }, dryRun: true });
const json = { 'content-type': 'application/json' };

let dataDir: string;
let world: LocalWorld;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-e2e-'));
  world = await startLocalWorld({ port: 0, dataDir, env: { ...QUICK, HOLD_RETRY_MS: '1000' } });
});

afterAll(async () => {
  await world.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const fake = (path: string, body: unknown) =>
  call(`${world.description.volcengine}/_fake/${path}`, { method: 'POST', body: JSON.stringify(body) });

const seed = (flowLogId: string, change: Record<string, unknown> = {}) =>
  fake('flow-logs', { region, flowLogId, pendingMs: 100, ...change });

const select = (body: unknown) =>
  call(`${world.apiUrl}/batches`, { method: 'POST', headers: json, body: JSON.stringify(body) });

const redrive = (id: string) => call(`${world.apiUrl}/activations/${id}/redrive`, { method: 'POST' });

const requested = v.object({ activations: v.array(v.object({ activationId: v.string() })) });

/** Asks for all at once, and gives their ids. */
async function request(...flowLogIds: string[]): Promise<string[]> {
  const { body } = await post(world, { flowLogIds });
  return v.parse(requested, body).activations.map(({ activationId }) => activationId);
}

const ended = (id: string) =>
  until(
    () => activationOf(world, id),
    ({ status }) => status === 'completed' || status === 'failed',
  );

const historyOf = async (id: string) =>
  v
    .parse(v.array(v.looseObject({ event: v.string() })), (await activationOf(world, id)).history)
    .map(({ event }) => event);

/** The events of an activation's history after a check. */
async function checkDrift(id: string): Promise<string[]> {
  const url = `${world.apiUrl}/2015-03-31/functions/check-drift/invocations`;
  const check = await fetch(url, { method: 'POST', body: '{}' });
  expect(check.headers.get('x-amz-function-error')).toBeNull();
  return historyOf(id);
}

test('a lock that is being lifted is waited for, selected, redriven, and is no drift', async () => {
  const unlock = { lockReason: 'unlock', businessStatus: 'FinancialLocked' };
  await seed('fl-lifted', { ...unlock, plan: [{ afterMs: 1_500, frozen: false }] });
  await seed('fl-locked', { frozen: true });
  await seed('fl-drifting', { projectName: 'restored' });
  const [lifted = '', locked = '', drifting = ''] = await request('fl-lifted', 'fl-locked', 'fl-drifting');
  expect(await ended(locked)).toMatchObject({ status: 'failed', reason: 'frozen' });
  expect(
    (
      await until(
        () => redrive(locked),
        ({ status }) => status !== 503,
      )
    ).body.detail,
  ).toContain('frozen');
  await seed('fl-locked', { ...unlock, projectName: 'restored', plan: [{ afterMs: 1_500, frozen: false }] });
  expect((await select(project('restored'))).body).toMatchObject({ ids: { wouldActivate: ['fl-locked'] } });
  expect(await redrive(locked)).toMatchObject({ status: 202, body: { generation: 2 } });

  expect(await ended(drifting)).toMatchObject({ status: 'completed' });
  for (const [change, event] of [
    [{ frozen: true }, 'drifted: frozen'],
    [{ status: 'Active' }, 'drift ended'],
  ] as const) {
    await seed('fl-drifting', change);
    await until(
      () => checkDrift(drifting),
      (events) => events.at(-1) === event,
    );
  }
  // Nothing of it is still to be told, so this check looks, and sees no drift.
  await seed('fl-drifting', unlock);
  expect((await checkDrift(drifting)).at(-1)).toBe('drift ended');

  for (const id of [lifted, locked]) expect(await ended(id)).toMatchObject({ status: 'completed' });
});

test.each(['[]', 'null', 'absent', 'no-result'])('an empty list may be %s', async (emptyList) => {
  const [missing = ''] = await request(`fl-missing-${emptyList.replace(/\W/g, '')}`);
  expect(await ended(missing)).toMatchObject({ status: 'failed', reason: 'not-found' });
  await fake('settings', { emptyList });
  expect(await select(project('nothing there'))).toMatchObject({ status: 200, body: { more: false } });
  const refused = await until(
    () => redrive(missing),
    ({ status }) => status !== 503,
  );
  expect(refused).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('does not show the flow log') },
  });
  await fake('settings', { emptyList: null });
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
  await addFaults(
    world,
    Object.entries(faults).map(([flowLogId, fault]) => ({ ...fault, flowLogId })),
  );
  const ids = await request(...Object.keys(faults));
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
  const [id = ''] = await request('fl-task');
  const { asyncTaskId, history } = await ended(id);
  expect(asyncTaskId).toMatch(/^task-/);
  expect(history).toContainEqual(expect.objectContaining({ event: 'accepted', asyncTaskId }));

  const told = new Map<string, unknown>();
  const sqs = new SQSClient({
    endpoint: world.description.sqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const QueueUrl = world.description.queues.events;
  const event = v.pipe(v.string(), v.parseJson(), v.object({ detail: v.looseObject({ id: v.string() }) }));
  await until(
    async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body, ReceiptHandle } of Messages) {
        const { detail } = v.parse(event, Body);
        told.set(detail.id, detail);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return [...told.keys()];
    },
    (seen) => seen.includes(`${id}.1.submitted`) && seen.includes(`${id}.1.completed`),
  );
  sqs.destroy();
  for (const type of ['submitted', 'completed']) {
    expect(told.get(`${id}.1.${type}`)).toMatchObject({ data: { asyncTaskId } });
  }

  const { body } = await call(`${world.description.volcengine}/_fake/calls`);
  const { calls } = v.parse(v.object({ calls: v.array(v.looseObject({ userAgent: v.string() })) }), body);
  expect(new Set(calls.map(({ userAgent }) => userAgent))).toEqual(
    new Set([expect.stringMatching(/^flow-log-activator\/\d/)]),
  );
});

test('a selector that is too long is refused at once, and one that a server finds too long, too', async () => {
  const env = Array.from({ length: 10 }, (_, index) => `${index}${'冻'.repeat(200)}`);
  expect(await select({ selector: { tags: { env } } })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'selector' }] },
  });
  for (const httpStatus of [414, 431]) {
    const far = `ap-southeast-${httpStatus}`;
    await addFaults(world, { kind: 'html', httpStatus, action: 'DescribeFlowLogs', region: far });
    expect(await select({ selector: { region: far } })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'selector' }] },
    });
  }
});

test('at an endpoint of its own any region may be one', async () => {
  await seed('fl-elsewhere', { region: 'cn-bejing' });
  const { body, status } = await post(world, { flowLogIds: ['fl-elsewhere'], region: 'cn-bejing' });
  expect(status).toBe(202);
  await until(
    () => batch(world, body.batchId),
    ({ counts }) => counts.completed === 1,
  );
});
