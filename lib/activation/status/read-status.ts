import type { Policy } from '../model/policy.ts';
import type { CheckpointStore, Clock } from '../model/ports.ts';
import { readTickTimes, type TickTimes } from '../poller/tick-chain.ts';
import type { QuotaReader } from '../quota/account-quota.ts';
import { type AccountStatus, accountStatus, memberOf, toCount } from './account-status.ts';
import type {
  BusCheck,
  BusState,
  ConfigurationReport,
  ConfigurationState,
  Count,
  QueueDepth,
  QueueDepths,
  QueueName,
  TableSample,
  TableSampler,
} from './ports.ts';

export type StatusDeps = {
  table: TableSampler;
  quotas: QuotaReader;
  checkpoints: CheckpointStore;
  queues: QueueDepths;
  bus: BusCheck;
  configuration: ConfigurationReport;
  /** The configured accounts by alias. */
  accounts: { keys(): Iterable<string> };
  policy: Pick<Policy, 'ratePerSecond' | 'requeueAfterMs'>;
  allowsDeactivation: boolean;
  now: Clock;
};

/** Times in ms since the epoch. */
export type Status = {
  at: number;
  poller: TickTimes & { oldestDueAt?: number };
  bus: BusState;
  outbox: { waiting: Count };
  queues: Map<QueueName, QueueDepth | undefined>;
  configuration: ConfigurationState;
  allowsDeactivation: boolean;
  accounts: AccountStatus[];
};

/**
 * How the service is: what an operator looks at first. Its cost is bounded, whatever the table holds: counts that were
 * cut are lower bounds. Queues and the bus that give no answer hide nothing else. Throws the errors of the table.
 */
export async function readStatus(deps: StatusDeps): Promise<Status> {
  const { policy } = deps;
  const at = deps.now();
  const [sample, tickTimes, queues, bus] = await Promise.all([
    deps.table.sample(at),
    readTickTimes(deps.checkpoints),
    deps.queues.read(),
    deps.bus.state(),
    deps.configuration.refresh(),
  ]);
  const names = [...new Set([...deps.accounts.keys(), ...accountsIn(sample)])];
  const quotas = await deps.quotas.readMany(names);
  const { oldestDueAt } = sample;
  return {
    at,
    poller: { ...tickTimes, ...(oldestDueAt !== undefined && { oldestDueAt }) },
    bus,
    outbox: { waiting: waitingIn(sample) },
    queues,
    configuration: deps.configuration.state(),
    allowsDeactivation: deps.allowsDeactivation,
    accounts: names.map((name) => accountStatus(name, sample, quotas, { now: at, ...policy })),
  };
}

/** Also those that are no longer configured. */
function accountsIn({ open, held, drifted, failed }: TableSample): string[] {
  const samples = [open, held, drifted, ...failed.values()];
  return samples.flatMap(({ flowLogs }) => flowLogs.map(({ account }) => account));
}

/**
 * Final activations that are due, now or later, still have something to publish. Keys alone tell them only from all that
 * are open.
 */
function waitingIn({ open, due, dueLater }: TableSample): Count {
  if (open.isCut) return { count: 0, atLeast: true };
  const isOpen = memberOf(open);
  const waiting = [...due.flowLogs, ...dueLater.flowLogs].filter((flowLog) => !isOpen(flowLog));
  return toCount(waiting.length, due.isCut || dueLater.isCut);
}
