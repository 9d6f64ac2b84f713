import type { FlowLogDetail } from '../../../lib/activation/batches/selector.ts';
import type { ScopeCheck } from '../../../lib/activation/model/ports.ts';
import { carryOut } from '../../../lib/activation/operations/carry-out.ts';
import type { PollerDeps } from '../../../lib/activation/poller/poller-deps.ts';
import type { StatusDeps } from '../../../lib/activation/status/read-status.ts';
import type { Accounts } from '../../../lib/config/accounts.ts';
import { batchIdOf, policy, START } from '../fakes/activations.ts';
import { InMemoryActivationStore } from '../fakes/in-memory-activation-store.ts';
import { InMemoryCheckpointStore } from '../fakes/in-memory-checkpoint-store.ts';
import { InMemoryFlowLogFinder } from '../fakes/in-memory-flow-log-finder.ts';
import { InMemoryOperationStore } from '../fakes/in-memory-operation-store.ts';
import { InMemoryPlanStore } from '../fakes/in-memory-plan-store.ts';
import { InMemoryQuotaStore, inMemoryQuota } from '../fakes/in-memory-quota-store.ts';
import { InMemoryRunStore } from '../fakes/in-memory-run-store.ts';
import { InMemoryTableSampler } from '../fakes/in-memory-table-sampler.ts';
import {
  CountingLimiter,
  RecordingDeadLetters,
  RecordingLog,
  RecordingMetrics,
  RecordingPublisher,
  RecordingQueue,
  ScriptedFlowLogApi,
} from '../fakes/ports.ts';
import { ScriptedBus, ScriptedQueueDepths } from '../fakes/status-ports.ts';

/** What every function is given, all in memory and all fakes. Time stands still until `clock.now` is moved. */
export function inMemoryDeps(flowLogs: FlowLogDetail[] = []) {
  const clock = { now: START };
  const scopeRefusal: ScopeCheck = () => undefined;
  const accounts: Accounts = new Map([
    ['default', undefined],
    ['narrow', { secretId: 's', regions: ['cn-shanghai'] }],
  ]);
  const now = () => clock.now;
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const { ratePerSecond } = policy;
  const quotas = new InMemoryQuotaStore();
  const quota = inMemoryQuota({ ratePerSecond, now, sleep }, quotas);
  const store = new InMemoryActivationStore();
  const checkpoints = new InMemoryCheckpointStore();
  const queueDepths = new ScriptedQueueDepths();
  const bus = new ScriptedBus();
  let leases = 0;
  const deps = {
    store,
    operations: new InMemoryOperationStore(store.operations),
    checkpoints,
    plans: new InMemoryPlanStore(),
    runs: new InMemoryRunStore(),
    finder: new InMemoryFlowLogFinder(flowLogs),
    queue: new RecordingQueue(),
    api: new ScriptedFlowLogApi(),
    publisher: new RecordingPublisher(),
    deadLetters: new RecordingDeadLetters(),
    limiter: new CountingLimiter(),
    turns: quota,
    pauses: quota,
    schedules: quota,
    queueDepths,
    bus,
    statusDeps: (): StatusDeps => ({
      table: new InMemoryTableSampler(store),
      quotas,
      checkpoints,
      queues: queueDepths,
      bus,
      configuration: { refresh: async () => {}, state: () => ({ disabled: [] }) },
      accounts,
      policy,
      allowsDeactivation: false,
      now,
    }),
    metrics: new RecordingMetrics(),
    log: new RecordingLog(),
    policy,
    allowsDeactivation: false,
    clock,
    now,
    random: () => 0.5,
    sleep,
    newLeaseId: () => `lease-${++leases}`,
    newBatchId: () => batchIdOf(99),
    newPlanId: () => `p-${'9'.repeat(32)}`,
    newOperationId: () => `o-${'9'.repeat(32)}`,
    wake: async () => {},
    scopeRefusal,
    region: 'cn-beijing',
    accounts,
  };
  const carried: PollerDeps['carryOut'] = (operations, limit) => carryOut(all, operations, limit);
  const all = { ...deps, carryOut: carried };
  return all;
}
