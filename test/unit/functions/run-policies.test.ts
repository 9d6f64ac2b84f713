import { beforeEach, expect, test } from 'vitest';
import { handleRuns } from '../../../functions/run-policies.ts';
import { PAUSED } from '../../../lib/activation/model/ports.ts';
import { callFailure } from '../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { aPolicy } from '../../support/builders/policies.ts';
import { aFlowLog } from '../../support/fakes/in-memory-flow-log-finder.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps([aFlowLog('fl-1')]);
});

const invoke = (policies = [aPolicy({ everyMs: 300_000 })], isWhole = true) =>
  handleRuns({ ...deps, aliases: () => ['default'], policies: async () => ({ policies, isWhole }) }, 900_000);

test('runs what is due, and says nothing if nothing is', async () => {
  await invoke();
  expect(deps.log.lines.map(({ message }) => message)).toContain('policies run');
  deps.log.lines.length = 0;
  await invoke();
  await invoke([]);
  expect(deps.log.lines).toEqual([]);
});

test('fails if an account could not be read, so that the alarm is raised; its run has ended all the same', async () => {
  deps.finder.failures.push(callFailure('hold', 'InvalidAccessKey', 401));
  await expect(invoke()).rejects.toThrow('0 policies failed, 1 accounts and regions could not be read');
  expect(deps.runs.runs.size).toBe(1);
});

test('fails if a policy failed', async () => {
  deps.publisher.refuse = () => true;
  await expect(invoke()).rejects.toThrow('1 policies failed');
});

test('a paused account is no failure', async () => {
  Object.assign(deps.limiter, { acquire: async () => PAUSED });
  await invoke();
  const [run] = deps.runs.runs.values();
  expect(run?.scopes).toMatchObject([{ unread: { code: 'account-paused' } }]);
});

test('while a policy is disabled nothing is deactivated: it may want the flow log Active', async () => {
  deps = { ...inMemoryDeps([aFlowLog('fl-1', { status: 'Active' })]), allowsDeactivation: true };
  const policy = aPolicy({ desired: 'Inactive', repair: 'deactivate', everyMs: 300_000 });
  await invoke([policy], false);
  const runs = [...deps.runs.runs.values()];
  expect(runs[0]?.firstGaps).toMatchObject([{ kind: 'active', repair: 'disabled' }]);
  expect(deps.store.batches.size).toBe(0);
  deps.clock.now += 300_000;
  await invoke([policy]);
  expect(await deps.store.currentOf('fl-1')).toMatchObject({ desired: 'Inactive', status: 'queued' });
});
