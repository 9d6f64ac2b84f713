import type { AccountStatus, Status } from '../../../../clients/console/model/contract.ts';
import type { Activation } from '../../../../clients/http/api.ts';

export const AT = Date.parse('2026-11-26T12:00:00.000Z');

/** A time so many seconds after `AT`. */
export const atSecond = (seconds: number) => new Date(AT + seconds * 1_000).toISOString();

/** An activation as the API returns it, just requested. */
export function anActivation(change: Partial<Activation> = {}): Activation {
  return {
    activationId: 'default.cn-beijing.fl-1.b-1',
    flowLogId: 'fl-1',
    region: 'cn-beijing',
    account: 'default',
    status: 'queued',
    generation: 1,
    attempts: 0,
    batchIds: ['b-1'],
    source: 'api',
    requestedBy: 'arn:aws:iam::000000000000:user/local',
    metadata: {},
    createdAt: atSecond(0),
    updatedAt: atSecond(0),
    queuedAt: atSecond(0),
    deadlineAt: atSecond(86_400),
    history: [{ at: atSecond(0), generation: 1, attempt: 0, event: 'opened', by: 'someone' }],
    ...change,
  };
}

/** An account in which all is well. */
export function anAccount(change: Partial<AccountStatus> = {}): AccountStatus {
  return {
    account: 'default',
    state: 'ok',
    ratePerSecond: 4,
    open: { count: 0 },
    pending: { count: 0 },
    failed: [],
    held: { count: 0 },
    drifted: { count: 0 },
    ...change,
  };
}

/** A service in which all is well. */
export function aStatus(change: Partial<Status> = {}): Status {
  return {
    at: atSecond(0),
    api: { version: '1.2.3' },
    poller: { lastTickAt: atSecond(-5) },
    bus: { state: 'ok' },
    outbox: { waiting: { count: 0 } },
    queues: [],
    configuration: { disabled: [] },
    deactivation: { allowed: false },
    accounts: [anAccount()],
    ...change,
  };
}
