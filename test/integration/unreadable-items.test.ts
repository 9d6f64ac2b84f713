import { randomUUID } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { handleRead } from '../../functions/read-activations.ts';
import { handleCancel, handleRequest } from '../../functions/request-activations.ts';
import { complete } from '../../lib/activation/model/endings.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { toProblem } from '../../lib/api/problems/error-to-problem.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { archiveKey, batchKey, currentKey } from '../../lib/aws/item-key.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { httpHandler } from '../../lib/http/http-handler.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import { inMemoryDeps } from '../support/builders/in-memory-deps.ts';
import { batchIdOf, flowLogOf } from '../support/fakes/activations.ts';
import { context, httpEvent, sqsEvent } from '../support/fakes/lambda.ts';
import { startTable } from './start-table.ts';

const PROBLEM = 'urn:flow-log-activator:problem:';

async function startWorld() {
  const { client, tableName } = await startTable(onTestFinished);
  let drawn = 100;
  const fakes = inMemoryDeps();
  const deps = {
    ...fakes,
    store: createDynamoDbActivationStore(client, tableName, fakes),
    newLeaseId: randomUUID,
    newBatchId: () => batchIdOf(++drawn),
  };
  return {
    ...deps,
    later: (ms: number) => (fakes.clock.now += ms),
    /** Gives a stored item an attribute as another version, or nobody, would have written it. */
    spoil: (key: { pk: string; sk: string }, attribute = 'history') =>
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: toAttributes(key),
          UpdateExpression: 'SET #attribute = :value',
          ExpressionAttributeNames: { '#attribute': attribute },
          ExpressionAttributeValues: toAttributes({ ':value': { shape: 'of another version' } }),
        }),
      ),
    async call(routeKey: string, change: Partial<ReturnType<typeof httpEvent>> = {}) {
      const handler = httpHandler((event) => {
        if (routeKey === 'POST /activations') return handleRequest(deps, event);
        return routeKey.startsWith('DELETE') ? handleCancel(deps, event) : handleRead(() => deps, event);
      }, toProblem);
      const [method = '', path = ''] = routeKey.split(' ');
      const answer = await handler({ ...httpEvent(method, path), routeKey, ...change }, context());
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}'), headers: answer.headers };
    },
    readBatch(batchId: string) {
      return this.call('GET /batches/{batchId}', { pathParameters: { batchId } });
    },
    /** Ticks so often, with so much time before each. */
    async poll(times: number, everyMs: number) {
      const poller = createPoller(deps);
      for (let round = 0; round < times; round += 1) {
        fakes.clock.now += everyMs;
        await poller.tick(Number.POSITIVE_INFINITY);
      }
    },
    async ask(flowLogIds: string[], key: string = randomUUID()) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      return this.call('POST /activations', { headers, body: JSON.stringify({ flowLogIds }) });
    },
    async finish(flowLogId: string) {
      const read = await deps.store.readCurrent(flowLogOf(flowLogId));
      if (read === undefined) throw new Error('unreachable');
      await deps.store.transition(read, complete(read, true, fakes.now()));
    },
  };
}

let world: Awaited<ReturnType<typeof startWorld>>;
beforeEach(async () => {
  world = await startWorld();
});

const idsOf = (body: { activations: { flowLogId: string }[] }) =>
  body.activations.map(({ flowLogId }) => flowLogId);

describe('one item that another version has written', () => {
  test.each([
    ['whole', 'history'],
    ['down to its id', 'activationId'],
  ])('%s: a list leaves it out and says so, and goes on from page to page', async (_what, attribute) => {
    for (const flowLogId of ['fl-1', 'fl-2', 'fl-3']) {
      await world.ask([flowLogId]);
      world.later(1_000);
    }
    await world.spoil(currentKey(flowLogOf('fl-2')), attribute);
    const { status, body } = await world.call('GET /activations');
    expect([status, idsOf(body), body.unreadable]).toEqual([200, ['fl-3', 'fl-1'], [flowLogOf('fl-2')]]);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { status, body } = await world.call('GET /activations', {
        queryStringParameters: { limit: '1', ...(cursor && { cursor }) },
      });
      expect(status).toBe(200);
      seen.push([...idsOf(body), ...(body.unreadable ?? [])]);
      cursor = body.nextCursor;
    } while (cursor !== undefined && seen.length < 5);
    expect(seen).toEqual([['fl-3'], [flowLogOf('fl-2')], ['fl-1']]);

    const ofFlowLog = await world.call('GET /activations', { queryStringParameters: { flowLogId: 'fl-2' } });
    expect(ofFlowLog).toMatchObject({
      status: 200,
      body: { activations: [], unreadable: [flowLogOf('fl-2')] },
    });
    expect(world.metrics.counts.get('UnreadableItems')).toBeGreaterThan(0);
    expect(world.log.lines.find(({ level }) => level === 'error')?.fields?.keys).toEqual([
      'F#default#cn-beijing#fl-2 0',
    ]);
  });

  test('its batch is answered with the others, and stays open', async () => {
    const { batchId } = (await world.ask(['fl-1', 'fl-2', 'fl-3'])).body;
    await world.finish('fl-1');
    await world.finish('fl-3');
    await world.spoil(currentKey(flowLogOf('fl-2')));
    expect(await world.readBatch(batchId)).toMatchObject({
      status: 200,
      body: {
        total: 3,
        counts: { queued: 0, pending: 0, completed: 2, failed: 0 },
        unreadable: [flowLogOf('fl-2')],
        done: false,
      },
    });
    const listed = await world.call('GET /activations', { queryStringParameters: { batchId, limit: '2' } });
    expect(listed.body).toMatchObject({ unreadable: [flowLogOf('fl-2')], nextCursor: '2' });
    expect(idsOf(listed.body)).toEqual(['fl-1']);

    await world.poll(3, 3_600_000);
    const types = world.publisher.published.map(({ type }) => type);
    expect(types).toEqual(['flow-log-activation.completed.v1', 'flow-log-activation.completed.v1']);
  });

  test('a request that names it opens the others, and says why that one is not', async () => {
    await world.ask(['fl-2']);
    await world.spoil(currentKey(flowLogOf('fl-2')));
    const answer = await world.ask(['fl-1', 'fl-2', 'fl-3']);
    expect([answer.status, answer.body.type]).toEqual([503, `${PROBLEM}request-unfinished`]);
    expect(answer.body.detail).toBe('the record of fl-2 cannot be read by this version of the service');
    expect(answer.headers?.location).toMatch(/^\/batches\/b-/);
    for (const flowLogId of ['fl-1', 'fl-3']) {
      expect(await world.store.readCurrent(flowLogOf(flowLogId))).toMatchObject({ status: 'queued' });
    }
  });

  test('asked for by its id it is 503, and earlier ones of its flow log are answered', async () => {
    const { body } = await world.ask(['fl-1']);
    await world.finish('fl-1');
    const second = await world.ask(['fl-1']);
    await world.spoil(currentKey(flowLogOf('fl-1')));
    const callFor = (method: string, { activations: [{ activationId }] }: typeof body) =>
      world.call(`${method} /activations/{activationId}`, { pathParameters: { activationId } });
    expect(await callFor('GET', body)).toMatchObject({ status: 200, body: { status: 'completed' } });
    for (const method of ['GET', 'DELETE']) {
      const refused = await callFor(method, second.body);
      expect([refused.status, refused.body.type]).toEqual([503, `${PROBLEM}record-unreadable`]);
      expect(refused.headers?.['retry-after']).toBe('60');
    }
  });

  test('in the archive: its batch is answered with the others', async () => {
    const { body } = await world.ask(['fl-1', 'fl-2']);
    await world.finish('fl-1');
    await world.ask(['fl-1']);
    await world.spoil(archiveKey(flowLogOf('fl-1'), body.batchId));
    expect(await world.readBatch(body.batchId)).toMatchObject({
      status: 200,
      body: { counts: { queued: 1 }, unreadable: [flowLogOf('fl-1')] },
    });
  });

  test('a batch: asked for it is 503, and the poller finishes the others', async () => {
    const [first, second] = [await world.ask(['fl-1'], 'first'), await world.ask(['fl-2'], 'second')];
    await world.spoil(batchKey(first.body.batchId), 'flowLogs');
    for (const refused of [await world.readBatch(first.body.batchId), await world.ask(['fl-1'], 'first')]) {
      expect([refused.status, refused.body.type]).toEqual([503, `${PROBLEM}record-unreadable`]);
      expect(refused.body.detail).toContain(first.body.batchId);
    }
    await world.finish('fl-1');
    await world.finish('fl-2');
    await world.poll(2, 60_000);
    const ended = world.publisher.published.filter(({ type }) => type === 'flow-log-batch.completed.v1');
    expect(ended.map(({ id }) => id)).toEqual([`${second.body.batchId}.completed`]);
  });

  test('its job is let go: the poller of a version that can read it requeues it', async () => {
    const { body } = await world.ask(['fl-1']);
    await world.spoil(currentKey(flowLogOf('fl-1')));
    const job = { activationId: body.activations[0].activationId, generation: 1 };
    const work = sqsBatchHandler((record, invocation) => handleRecord(world, record, invocation));
    expect(await work(sqsEvent([JSON.stringify(job)]), context())).toEqual({ batchItemFailures: [] });
    const deadLetter = JSON.stringify({ ...job, reason: 'frozen' });
    expect((await work(sqsEvent([deadLetter]), context())).batchItemFailures).toHaveLength(1);
  });
});
