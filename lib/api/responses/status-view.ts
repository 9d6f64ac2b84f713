import type { AccountStatus } from '../../activation/status/account-status.ts';
import type { ConfigurationState } from '../../activation/status/ports.ts';
import type { Status } from '../../activation/status/read-status.ts';
import { iso, isoIfAny } from './iso-time.ts';
import type { StatusResponse } from './status-response.ts';

export function statusView(status: Status, version: string): StatusResponse {
  const { lastTickAt, nextTickAt, oldestDueAt } = status.poller;
  return {
    at: iso(status.at),
    api: { version },
    poller: {
      lastTickAt: isoIfAny(lastTickAt),
      nextTickAt: isoIfAny(nextTickAt),
      oldestDueAt: isoIfAny(oldestDueAt),
    },
    bus: { state: status.bus },
    outbox: status.outbox,
    configuration: configurationView(status.configuration),
    deactivation: { allowed: status.allowsDeactivation },
    queues: [...status.queues].map(([name, depth]) => ({ name, ...depth })),
    accounts: status.accounts.map(accountView),
  };
}

function configurationView({ readAt, disabled, ...rest }: ConfigurationState) {
  return {
    ...rest,
    readAt: isoIfAny(readAt),
    disabled: disabled.map((each) => ({ ...each, problems: [...each.problems] })),
  };
}

function accountView({ since, nextTryAt, queuedUntil, skippedRuns, ...rest }: AccountStatus) {
  return {
    ...rest,
    since: isoIfAny(since),
    nextTryAt: isoIfAny(nextTryAt),
    queuedUntil: isoIfAny(queuedUntil),
    ...(skippedRuns.length > 0 && {
      skippedRuns: skippedRuns.map((run) => ({ ...run, scheduledAt: iso(run.scheduledAt) })),
    }),
  };
}
