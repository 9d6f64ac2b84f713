import { beforeEach, expect, test } from 'vitest';
import { handleRecord } from '../../../functions/activate-flow-log.ts';
import { sqsBatchHandler } from '../../../lib/runtime/sqs-batch-handler.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { anActivation } from '../../support/fakes/activations.ts';
import { beforeCall } from '../../support/fakes/before-call.ts';
import { context, sqsEvent } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
let { queue, store, api } = deps;
const job = JSON.stringify({ activationId: anActivation().activationId, generation: 1 });

beforeEach(async () => {
  deps = inMemoryDeps();
  ({ queue, store, api } = deps);
  await store.open(anActivation());
});

const deliver = (bodies: string[]) =>
  sqsBatchHandler((record, invocation) => handleRecord(deps, record, invocation))(
    sqsEvent(bodies),
    context(),
  );

test.each([
  ['not JSON', 'hello', /JSON/],
  ['empty', '', /JSON/],
  ['another shape', '{"id": 1}', /activationId/],
  ['a generation that is none', JSON.stringify({ activationId: 'a', generation: 0 }), />=1/],
  ['an id that is not ours', JSON.stringify({ activationId: 'a.b', generation: 1 }), /activationId/],
])(
  '%s goes to the poison queue with a reason, and the other records succeed',
  async (_what, body, reason) => {
    expect(await deliver([body, job, body])).toEqual({ batchItemFailures: [] });
    expect(queue.poisoned).toHaveLength(2);
    expect(queue.poisoned[0]).toEqual({ body, reason: expect.stringMatching(reason) });
    expect(api.calls).toHaveLength(1);
  },
);

test('only the record for which our own store failed is reported as failed', async () => {
  beforeCall(store, 'readActivation', (activationId) => {
    if (activationId.includes('fl-2')) throw new Error('table down');
  });
  const other = job.replace('fl-1', 'fl-2');
  expect(await deliver([other, job])).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  expect(api.calls).toHaveLength(1);
});

test('a message that cannot be moved to the poison queue is reported as failed', async () => {
  queue.broken = true;
  expect(await deliver(['hello', job])).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
});

test('a message with several jobs: a call for each, also if another one fails', async () => {
  const ids = ['fl-2', 'fl-3'];
  const others = ids.map((flowLogId) => ({
    activationId: anActivation({ flowLogId }).activationId,
    generation: 1,
  }));
  for (const flowLogId of ids) await store.open(anActivation({ flowLogId }));
  beforeCall(store, 'readActivation', (activationId) => {
    if (activationId.includes('fl-2')) throw new Error('table down');
  });
  const body = JSON.stringify({ ...JSON.parse(job), others });
  expect(await deliver([body])).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  expect(api.calls.map(({ flowLogId }) => flowLogId).sort()).toEqual(['fl-1', 'fl-3']);
});

test.each([
  ['no list', 7],
  ['jobs of another shape', [{ id: 1 }]],
])('a message whose other jobs are %s goes to the poison queue', async (_what, others) => {
  expect(await deliver([JSON.stringify({ ...JSON.parse(job), others })])).toEqual({ batchItemFailures: [] });
  expect(queue.poisoned).toHaveLength(1);
});

test('a whole batch of the same job calls once', async () => {
  expect(await deliver(Array.from({ length: 10 }, () => job))).toEqual({ batchItemFailures: [] });
  expect(api.calls).toHaveLength(1);
});
