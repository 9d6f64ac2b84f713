import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selectFlowLogs } from '../../lib/activation/batches/select-flow-logs.ts';
import type { Selector } from '../../lib/activation/batches/selector.ts';
import { createFlowLogFinder } from '../../lib/volcengine/select-flow-logs.ts';
import { createTransport, type Transport } from '../../lib/volcengine/transport.ts';
import {
  DEFAULT_CREDENTIAL,
  type FakeVolcengine,
  startFakeVolcengine,
} from '../../local/volcengine/start-fake-volcengine.ts';
import { policy } from '../support/fakes/activations.ts';
import { aSelector, flowLogIds } from '../support/fakes/in-memory-flow-log-finder.ts';
import { inMemoryQuota } from '../support/fakes/in-memory-quota-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';

const region = 'cn-beijing';
const ids = flowLogIds(230);

let fake: FakeVolcengine;
let transport: Transport;

beforeAll(async () => {
  fake = await startFakeVolcengine({
    seeds: [
      ...ids.map((flowLogId, index) => ({
        region,
        flowLogId,
        flowLogName: `prod-${index}`,
        resourceType: index % 2 === 0 ? ('vpc' as const) : ('eni' as const),
        resourceId: `res-${index % 10}`,
        vpcId: `vpc-${index % 3}`,
        projectName: index < 120 ? 'network' : 'default',
        tags: [
          { key: 'env', value: index % 2 === 0 ? 'prod' : 'dev' },
          ...(index < 3 ? [{ key: 'owner', value: index === 0 ? '' : `team ${index}` }] : []),
        ],
      })),
      { region: 'cn-shanghai', flowLogId: 'fl-elsewhere' },
      { region, flowLogId: 'fl-absent', status: 'Absent' },
    ],
  });
  transport = createTransport({ endpoint: fake.url, timeoutMs: 5_000 });
});
afterAll(async () => {
  await transport.close();
  await fake.close();
});
beforeEach(() => fake.clearFaults());

const { accessKey: accessKeyId, secretKey: secretAccessKey } = DEFAULT_CREDENTIAL;

async function select(change: Partial<Selector> = {}) {
  const before = fake.calls().length;
  const sleep = async () => {};
  const flowLogs = await selectFlowLogs(
    {
      finder: createFlowLogFinder({
        transport,
        credentials: async () => ({ accessKeyId, secretAccessKey }),
        clock: Date.now,
      }),
      limiter: inMemoryQuota({ ratePerSecond: 1_000, now: Date.now, sleep }),
      metrics: new RecordingMetrics(),
      policy,
      now: Date.now,
      random: () => 0,
      sleep,
      log: new RecordingLog(),
    },
    aSelector(change),
    { flowLogs: 5_000, endAt: Date.now() + 60_000 },
  );
  return { found: flowLogs.map(({ flowLogId }) => flowLogId), calls: fake.calls().slice(before), flowLogs };
}

test('everything of the region, a hundred a call', async () => {
  const { found, calls } = await select();
  expect(found).toEqual(ids);
  expect(calls.map(({ action, httpStatus }) => `${action} ${httpStatus}`)).toEqual(
    Array(3).fill('DescribeFlowLogs 200'),
  );
});

const at = (wanted: (index: number) => boolean) => ids.filter((_, index) => wanted(index));
const filters: [Partial<Selector>, string[], number][] = [
  [{ project: 'network' }, at((index) => index < 120), 2],
  [{ vpcId: 'vpc-1' }, at((index) => index % 3 === 1), 1],
  [{ resourceType: 'eni' }, at((index) => index % 2 === 1), 2],
  [{ resourceId: 'res-7' }, at((index) => index % 10 === 7), 1],
  [{ tags: { env: ['prod'] } }, at((index) => index % 2 === 0), 2],
  [{ tags: { owner: true } }, ids.slice(0, 3), 1],
  [{ tags: { owner: ['team 1', 'team 2'], env: ['dev'] } }, ids.slice(1, 2), 1],
  // The server cannot be asked for an empty value: its key is, and the value is checked here.
  [{ tags: { owner: ['', 'team 2'] } }, [...ids.slice(0, 1), ...ids.slice(2, 3)], 1],
  [{ name: 'prod-22?' }, ids.slice(220), 3],
  [
    { name: 'prod-1*', vpcId: 'vpc-1', project: 'network' },
    at((i) => i % 3 === 1 && i < 120 && `${i}`.startsWith('1')),
    1,
  ],
  [{ project: 'none' }, [], 1],
  [{ region: 'cn-shanghai' }, ['fl-elsewhere'], 1],
];
test.each(filters)(
  '%j: what the server filters it is asked to, and nothing else is taken',
  async (filter, expected, calls) => {
    const selected = await select(filter);
    expect(selected.found).toEqual(expected);
    expect(selected.calls).toHaveLength(calls);
  },
);

test('a flow log is read with all that a selector asks for', async () => {
  const { flowLogs } = await select({ name: 'prod-1' });
  expect(flowLogs).toEqual([
    {
      flowLogId: 'fl-00001',
      status: 'Inactive',
      locked: false,
      name: 'prod-1',
      resourceType: 'eni',
      resourceId: 'res-1',
      vpcId: 'vpc-1',
      project: 'network',
      tags: [
        { key: 'env', value: 'dev' },
        { key: 'owner', value: 'team 1' },
      ],
    },
  ]);
});

describe('answers that are lost, cut or refused', () => {
  test('cost one call more each, and nothing of the selection', async () => {
    fake.addFaults([
      { kind: 'error', code: 'AccountFlowLimitExceeded', nth: [1] },
      { kind: 'truncated', nth: [3] },
      { kind: 'html', nth: [4] },
      { kind: 'error', code: 'InternalError', nth: [6] },
      { kind: 'reset', nth: [8] },
    ]);
    const { found, calls } = await select();
    expect(found).toEqual(ids);
    const faulty = calls.filter(({ fault }) => fault !== undefined);
    expect(faulty.length).toBeGreaterThanOrEqual(4);
    expect(calls).toHaveLength(3 + faulty.length);
  });

  test('for good: an error, and not what was seen until then', async () => {
    fake.addFaults({ kind: 'truncated', nth: Array.from({ length: 20 }, (_, index) => index + 2) });
    await expect(select()).rejects.toThrow('DescribeFlowLogs gave no usable reply: ConnectionClosed');
  });

  test('as not permitted: at once', async () => {
    fake.addFaults({ kind: 'error', code: 'AccessDenied' });
    await expect(select()).rejects.toThrow('AccessDenied');
    expect(fake.faults()[0]).toMatchObject({ strikes: 1 });
  });
});
