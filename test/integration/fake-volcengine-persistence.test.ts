import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import {
  type FakeVolcengine,
  type FakeVolcengineOptions,
  startFakeVolcengine,
} from '../../local/volcengine/start-fake-volcengine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { activate, callApi } from './fake-volcengine-client.ts';

const region = 'cn-beijing';

let now: number;
let dataDir: string;

beforeEach(async () => {
  now = Date.now();
  dataDir = await tempDir();
});

async function start(options: FakeVolcengineOptions = {}): Promise<FakeVolcengine> {
  const fake = await startFakeVolcengine({ now: () => now, dataDir, ...options });
  onTestFinished(() => fake.close());
  return fake;
}

it('goes on after a stop: Pending, plans, tokens, counters', async () => {
  const first = await start({ seeds: [{ region, flowLogId: 'fl-1', pendingMs: 5000 }] });
  await first.seed({ region, flowLogId: 'fl-2', plan: [{ afterMs: 3000, frozen: true }] });
  const accepted = await activate(first.url, 'fl-1', 't');
  const activeAt = now + 5000;
  await first.close();

  now += 60_000;
  const second = await start({ seeds: [{ region, flowLogId: 'fl-1', pendingMs: 5000 }] });
  expect(second.flowLogs()).toMatchObject([
    { flowLogId: 'fl-1', status: 'Active', activeAt, activeCalls: 1, effectiveActivations: 1 },
    { flowLogId: 'fl-2', frozen: true },
  ]);
  const replayed = await activate(second.url, 'fl-1', 't');
  expect(replayed).toMatchObject({ status: 200, Result: accepted.Result });
  expect(replayed.ResponseMetadata.RequestId).not.toBe(accepted.ResponseMetadata.RequestId);
});

it('knows after a crash all that it has answered', async () => {
  const first = await start({ autoCreate: { pattern: 'fl-*' } });
  await Promise.all(['fl-1', 'fl-2', 'fl-3'].map((id) => activate(first.url, id, `t-${id}`)));
  await callApi(first.url, { Action: 'DescribeFlowLogs', 'FlowLogIds.1': 'fl-4' });
  // What a kill at this moment would leave.
  const left = join(dataDir, 'left');
  await cp(join(dataDir, 'volcengine.json'), join(left, 'volcengine.json'));
  const second = await start({ dataDir: left });
  expect(second.flowLogs().map(({ flowLogId, status }) => `${flowLogId} ${status}`)).toEqual([
    'fl-1 Pending',
    'fl-2 Pending',
    'fl-3 Pending',
    'fl-4 Inactive',
  ]);
  expect(await activate(second.url, 'fl-3', 't-fl-3')).toMatchObject({ status: 200 });
});

it('leaves one whole file and nothing beside it', async () => {
  const fake = await start();
  await fake.seed({ region, flowLogId: 'fl-1' });
  await fake.close();
  expect(await readdir(dataDir)).toEqual(['volcengine.json']);
  expect(JSON.parse(await readFile(join(dataDir, 'volcengine.json'), 'utf8'))).toMatchObject({ version: 1 });
});

it.each([
  ['is not JSON', '{"version": 1, "flow', /volcengine\.json cannot be read: its content is not JSON/],
  [
    'is of another version',
    '{"version": 2}',
    /volcengine\.json cannot be read: its content\.version: is not 1: another version of this project/,
  ],
])('does not start from a data file that %s', async (_, text, message) => {
  await writeFile(join(dataDir, 'volcengine.json'), text);
  await expect(start()).rejects.toThrow(message);
});
