import { describe, expect, onTestFinished, test } from 'vitest';
import { InvalidCursor } from '../../lib/activation/model/errors.ts';
import type { RunStore } from '../../lib/activation/policies/ports.ts';
import { createDynamoDbRunStore } from '../../lib/aws/dynamodb-run-store.ts';
import { aRow, aRun } from '../support/builders/policies.ts';
import { START } from '../support/fakes/activations.ts';
import { InMemoryRunStore } from '../support/fakes/in-memory-run-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const startStore = async (): Promise<RunStore> => {
  const { client, tableName } = await startTable(onTestFinished);
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics(), now: () => START };
  return createDynamoDbRunStore(client, tableName, telemetry);
};

describe.each([
  ['the in-memory fake', async () => new InMemoryRunStore()],
  ['DynamoDB', startStore],
] as const)('the run store: %s', (_name, start) => {
  test('keeps the states of all policies, each write conditional on the version', async () => {
    const store = await start();
    expect(await store.states()).toEqual([]);
    const first = { policy: 'b', version: 1 };
    expect(await store.saveState(first)).toBe(true);
    expect(await store.saveState(first)).toBe(false);
    expect(await store.saveState({ policy: 'a', version: 2 })).toBe(false);
    const { scopes } = aRun(0);
    const open = { plannedAt: START, startedAt: START, leaseUntil: 0, fingerprint: 'f', scopes };
    expect(await store.saveState({ policy: 'b', version: 2, open })).toBe(true);
    expect(await store.saveState({ policy: 'b', version: 2 })).toBe(false);
    expect(await store.saveState({ policy: 'a', version: 1 })).toBe(true);
    expect(await store.states()).toEqual([
      { policy: 'a', version: 1 },
      { policy: 'b', version: 2, open },
    ]);
  });

  test('keeps each run as it was written first', async () => {
    const store = await start();
    expect(await store.createRun(aRun(1))).toBeUndefined();
    expect(await store.createRun(aRun(1, { repair: 'tell' }))).toEqual(aRun(1));
    expect(await store.readRun('keep-active', aRun(1).runId)).toEqual(aRun(1));
    expect(await store.readRun('keep-active', aRun(2).runId)).toBeUndefined();
    expect(await store.readRun('other', aRun(1).runId)).toBeUndefined();
    expect(await store.readRun('#', 'C#page-1')).toBeUndefined();
  });

  test('lists the runs of a policy, newest first, and no rows', async () => {
    const store = await start();
    for (const hour of [2, 1, 3]) await store.createRun(aRun(hour));
    await store.createRun(aRun(9, { policy: 'other' }));
    await store.putRows('keep-active', { id: 'page-1', state: 'gap', rows: 1, storedAt: START }, [
      aRow('fl-1'),
    ]);
    const first = await store.listRuns('keep-active', 2);
    expect(first.runs).toEqual([aRun(3), aRun(2)]);
    expect(first.nextCursor).toBeDefined();
    const rest = await store.listRuns('keep-active', 2, first.nextCursor);
    expect(rest).toEqual({ runs: [aRun(1)] });
    expect(await store.listRuns('unknown', 2)).toEqual({ runs: [] });
    await expect(store.listRuns('keep-active', 2, 'C#page-1')).rejects.toThrow(InvalidCursor);
  });

  test('keeps rows by page, in order; a page that is gone has none', async () => {
    const store = await start();
    const pages = ['page-1', 'page-2', 'page-3'].map((id) => ({
      id,
      state: 'gap' as const,
      rows: 1,
      storedAt: START,
    }));
    const [first, , third] = pages;
    if (first && third) {
      await store.putRows('keep-active', third, [aRow('fl-3')]);
      await store.putRows('keep-active', first, [aRow('fl-1')]);
    }
    expect(await store.readRows('keep-active', pages)).toEqual([[aRow('fl-1')], [], [aRow('fl-3')]]);
    expect(await store.readRows('keep-active', [])).toEqual([]);
  });
});
