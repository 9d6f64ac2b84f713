import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectStack } from '../../local/template-stack.ts';
import { type LocalWorld, startLocalWorld } from '../../local/world.ts';
import { activateFlowLogs, batchCounts } from '../callers.ts';
import { type CountedDynamoDb, startCountedDynamoDb } from '../counted-dynamodb.ts';
import { defineBench } from '../harness/bench.ts';
import { measured } from '../harness/statistics.ts';
import { figure, type Table } from '../harness/table.ts';
import { withNamedClients } from '../named-clients.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { type CountedSqs, startCountedSqs } from './counted-sqs.ts';

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
const LOOK_EVERY_MS = 500;
/** Without an end in so long, something is stuck. */
const STALL_MS = 180_000;

type Counted = { dynamodb: CountedDynamoDb; sqs: CountedSqs };

export const wire = defineBench({
  name: 'wire',
  what: 'DynamoDB writes and SQS requests of one request, counted on the wire of the local world',
  sizes: {
    full: { flowLogs: 1_000, pendingMs: 10_000, tickMs: 5_000 },
    quick: { flowLogs: 50, pendingMs: 500, tickMs: 1_000 },
  },
  async run({ sizes: { flowLogs, pendingMs, tickMs }, say }) {
    const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-wire-'));
    const dynamodb = await startCountedDynamoDb(dataDir);
    const sqs = await startCountedSqs();
    const world = await startLocalWorld({
      port: 0,
      dataDir,
      stack: withNamedClients(await projectStack()),
      env: {
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
        AWS_ENDPOINT_URL_SQS: sqs.url,
        RATE_LIMIT_PER_SECOND: '100000',
        POLL_TICK_MS: String(tickMs),
        POWERTOOLS_LOG_LEVEL: 'WARN',
      },
      fake: { autoCreate: { pattern: 'fl-*', pendingMs } },
      onLog: ({ level, source, message }) => {
        if (level === 'ERROR') say(`${source}: ${message}`);
      },
    });
    try {
      const from = { dynamodb: dynamodb.requests.length, sqs: sqs.requests.length };
      say(`wire, ${flowLogs} flow logs requested`);
      await activate(
        world,
        Array.from({ length: flowLogs }, (_, index) => flowLogIdOf(index)),
      );
      await waitForRest(dynamodb, tickMs);
      return resultOf({ dynamodb, sqs }, from, flowLogs, world);
    } finally {
      await world.stop();
      await sqs.close();
      await dynamodb.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
});

async function activate(world: LocalWorld, flowLogIds: string[]): Promise<void> {
  const batchId = await activateFlowLogs(world, flowLogIds);
  const giveUpAt = Date.now() + STALL_MS;
  for (;;) {
    const { total, completed } = await batchCounts(world, [batchId]);
    if (completed === total) return;
    if (Date.now() > giveUpAt) throw new Error(`${completed} of ${total} completed`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Until the poller has written nothing for three ticks. */
async function waitForRest({ requests }: CountedDynamoDb, tickMs: number): Promise<void> {
  const writes = () => requests.filter(({ operation }) => WRITES.has(operation)).length;
  for (let seen = -1; seen !== writes(); await sleep(3 * tickMs)) seen = writes();
}

function resultOf(
  { dynamodb, sqs }: Counted,
  from: { dynamodb: number; sqs: number },
  flowLogs: number,
  { description }: LocalWorld,
) {
  const ours = dynamodb.requests.slice(from.dynamodb).filter(({ client }) => client !== 'read-activations');
  const work = description.queues.activation?.split('/').at(-1);
  const ofWork = sqs.requests.slice(from.sqs).filter(({ queue }) => queue === work);
  const writes = ours.filter(({ operation }) => WRITES.has(operation)).length / flowLogs;
  const busy = ofWork.filter(({ isEmpty }) => !isEmpty).length / flowLogs;
  const byClient = Map.groupBy(ours, ({ client, operation }) => `DynamoDB ${operation}, ${client}`);
  const byOperation = Map.groupBy(ofWork, ({ operation, isEmpty }) =>
    isEmpty ? `SQS ${operation}, empty` : `SQS ${operation}`,
  );
  const table: Table = {
    title: `Requests on the wire for each of ${flowLogs} activations of one request`,
    columns: ['request', 'for each', 'in all'],
    rows: [...byClient, ...byOperation]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { length }]) => [name, figure(length / flowLogs), figure(length)]),
  };
  return {
    tables: [table],
    figures: {
      'wire/writes': measured('writes', [writes]),
      'wire/sqs': measured('requests', [busy]),
      'wire/sqs-with-empty': measured('requests', [ofWork.length / flowLogs]),
    },
    notes: [
      'The bundles in the local world, rate limit lifted; what asks for the batch’s progress is left out. SQS: the work queue, empty receives apart, since they depend on time and not on activations (the local world polls for 1 s, Lambda for 20 s).',
    ],
  };
}
