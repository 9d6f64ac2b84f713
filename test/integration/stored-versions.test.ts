import { randomUUID } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { decideDrift } from '../../lib/activation/drift/drift.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { readBatch } from '../../lib/activation/read-activations.ts';
import { activationView } from '../../lib/api/responses/activation-view.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import { inMemoryDeps } from '../support/builders/in-memory-deps.ts';
import { batchIdOf, flowLogOf, policy, START } from '../support/fakes/activations.ts';
import { context, sqsEvent } from '../support/fakes/lambda.ts';
import { startTable } from './start-table.ts';

/** What each version of the code has written, kept for ever: its table and its messages outlive a deployment. */
const FIXTURES = new URL('../fixtures/stored/', import.meta.url);
const versions = (await Array.fromAsync(glob('*.json', { cwd: FIXTURES.pathname }))).sort();

const fixture = v.object({
  items: v.array(v.record(v.string(), v.unknown())),
  messages: v.object({ job: v.unknown(), redriveJob: v.unknown(), deadLetter: v.unknown() }),
});

async function world(version: string) {
  const { items, messages } = v.parse(
    fixture,
    JSON.parse(await readFile(new URL(version, FIXTURES), 'utf8')),
  );
  const { client, tableName } = await startTable(onTestFinished);
  for (const item of items) {
    await client.send(new PutItemCommand({ TableName: tableName, Item: marshall(item) }));
  }
  const fakes = inMemoryDeps();
  const deps = {
    ...fakes,
    store: createDynamoDbActivationStore(client, tableName, fakes),
    checkpoints: createDynamoDbCheckpointStore(client, tableName, fakes),
    newLeaseId: randomUUID,
  };
  const deliver = (bodies: unknown[]) =>
    sqsBatchHandler((record, invocation) => handleRecord(deps, record, invocation))(
      sqsEvent(bodies.map((body) => JSON.stringify(body))),
      context(),
    );
  const poller = createPoller(deps);
  const tick = () => poller.tick(Number.POSITIVE_INFINITY);
  /** Four ticks with so much time before each; the worker gets the jobs of each. */
  async function work(everyMs: number) {
    for (let round = 0; round < 4; round += 1) {
      fakes.clock.now += everyMs;
      await tick();
      await deliver(deps.queue.enqueued.splice(0).map(({ job }) => job));
    }
  }
  async function readCurrent(flowLogId: string) {
    const found = await deps.store.readCurrent(flowLogOf(flowLogId));
    if (found === undefined) throw new Error(`${flowLogId} is not there`);
    return found;
  }
  return { deps, deliver, messages, tick, work, readCurrent };
}

describe('written by 0.2.0', () => {
  test('what is on record of a drift and of the end of a batch is told as it was', async () => {
    const { deps, tick } = await world('0.2.0.json');
    deps.clock.now += 60_000;
    await tick();
    const told = new Map(deps.publisher.published.map(({ id, body }) => [id, JSON.parse(body).data]));
    expect(told.get(`default.cn-beijing.fl-drifted.${batchIdOf(1)}.2.drifted`)).toEqual({
      activationId: `default.cn-beijing.fl-drifted.${batchIdOf(1)}`,
      batchIds: [batchIdOf(1), batchIdOf(2)],
      flowLogId: 'fl-drifted',
      region: 'cn-beijing',
      account: 'default',
      generation: 1,
      metadata: { ticket: 'OPS-1' },
      completedAt: '2026-01-02T03:04:10.000Z',
      ordinal: 2,
      kind: 'frozen',
      status: 'Inactive',
      lockReason: 'financial',
      detectedAt: '2026-01-02T03:04:20.000Z',
    });
    expect(told.get(`${batchIdOf(3)}.completed`)).toEqual({
      batchId: batchIdOf(3),
      source: 'api',
      metadata: {},
      total: 2,
      counts: { completed: 1, failed: 1 },
      adopted: 0,
      reasons: { 'not-found': 1 },
      createdAt: '2026-01-02T03:04:05.000Z',
      completedAt: '2026-01-02T03:04:10.000Z',
      durations: { totalMs: 5_000 },
    });
  });

  test('a drift that was over begins anew, and a check goes on where it stopped', async () => {
    const { deps, readCurrent } = await world('0.2.0.json');
    const recovered = await readCurrent('fl-recovered');
    expect(decideDrift(recovered, undefined, START)).toMatchObject({ outbox: ['drifted#2'] });
    const { cursor } = await deps.checkpoints.read('check-drift');
    expect((await deps.store.completed(cursor)).activations).toEqual([]);
    expect((await deps.store.completed()).activations).toHaveLength(2);
  });
});

describe.each(['0.1.0.json', '0.2.0.json', '0.3.0.json'])('written by %s', (version) => {
  test('who asked is not known, and nothing else is missing in what callers are answered', async () => {
    const { deps, readCurrent } = await world(version);
    const answer = JSON.parse(JSON.stringify(activationView(await readCurrent('fl-queued'), policy)));
    expect(answer).toMatchObject({ status: 'queued', history: [{ event: 'opened' }] });
    expect(JSON.stringify(answer)).not.toMatch(/requestedBy|"by"/);
    expect(await readBatch(deps.store, batchIdOf(1))).toMatchObject({ total: 2, requestedBy: undefined });
  });
});

describe('written by 0.4.0', () => {
  test('who asked, and which task Volcengine started, are answered', async () => {
    const { deps, readCurrent } = await world('0.4.0.json');
    const by = 'arn:aws:iam::123456789012:role/on-call/alice';
    const view = activationView(await readCurrent('fl-pending'), policy);
    expect(view).toMatchObject({ requestedBy: by, asyncTaskId: 'task-1' });
    expect(await readBatch(deps.store, batchIdOf(1))).toMatchObject({ requestedBy: by });
  });
});

describe.each(versions.map((version) => [basename(version, '.json'), version]))(
  'written by %s',
  (_name, version) => {
    test('open work goes on to its end, nothing is unreadable, and every fact is told', async () => {
      const { deps, deliver, messages, tick, work } = await world(version);
      const open = ['fl-queued', 'fl-leased', 'fl-waiting', 'fl-pending', 'fl-looking'];
      deps.api.views = open.map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
      expect(await deliver([messages.job])).toEqual({ batchItemFailures: [] });
      await work(policy.requeueAfterMs + policy.leaseMs);
      await tick();

      const { activations: current } = await deps.store.readManyCurrent(open.map(flowLogOf));
      expect(current.map(({ status }) => status)).toEqual(open.map(() => 'completed'));
      expect(current.flatMap(({ outbox }) => outbox)).toEqual([]);
      expect(deps.metrics.counts.get('UnreadableItems')).toBeUndefined();
      const told = new Set(deps.publisher.published.map(({ id }) => id));
      const idOf = (flowLogId: string) => `default.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
      for (const flowLogId of open) expect(told).toContain(`${idOf(flowLogId)}.1.completed`);
      for (const flowLogId of ['fl-failed', 'fl-archived'])
        expect(told).toContain(`${idOf(flowLogId)}.1.failed`);
      expect(deps.deadLetters.deadLetters).toHaveLength(2);
    });

    test('a batch that was open has its end told, once', async () => {
      const { deps, work } = await world(version);
      deps.api.views = [{ flowLogId: 'fl-queued', status: 'Active', locked: false }];
      await work(policy.requeueAfterMs);
      const told = deps.publisher.published.filter(({ id }) => id === `${batchIdOf(1)}.completed`);
      expect(told.map(({ body }) => JSON.parse(body).data)).toMatchObject([
        { total: 2, counts: { completed: 1, failed: 1 }, reasons: { 'not-found': 1 } },
      ]);
      expect((await deps.store.readBatch(batchIdOf(1)))?.dueAt).toBeUndefined();
    });

    test('an archived one is found by its batch and by the batch that had joined it', async () => {
      const { deps } = await world(version);
      for (const batchId of [batchIdOf(1), batchIdOf(2)]) {
        expect(await deps.store.findArchived(flowLogOf('fl-archived'), batchId)).toMatchObject({
          reason: 'not-found',
        });
      }
    });

    test.each(['deadLetter', 'redriveJob'] as const)('its %s redrives', async (message) => {
      const { deliver, messages, tick, readCurrent } = await world(version);
      await tick();
      expect(await deliver([messages[message]])).toEqual({ batchItemFailures: [] });
      expect(await readCurrent('fl-failed')).toMatchObject({ status: 'queued', generation: 2 });
    });
  },
);
