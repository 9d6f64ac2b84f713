import type { FaultInput } from '../volcengine/fault.ts';
import type { FlowLogSeed } from '../volcengine/flow-log.ts';

/** The expected end of an activation. An undefined field may have any value. */
type ExpectedEnd = {
  status: 'completed' | 'failed';
  reason?: string;
  adopted?: boolean;
  attempts?: number;
  /** How many batches its final event names. */
  batches?: number;
  /** How often Volcengine really started it: Inactive → Pending. */
  effectiveActivations?: number;
};

export type Scenario = {
  flowLogId: string;
  /** What happens to the flow log, for the reader. */
  story: string;
  /** The flow log in the fake Volcengine. Undefined: it does not exist. */
  seed?: Omit<FlowLogSeed, 'region' | 'flowLogId'>;
  /** The faults of the first calls of ActiveFlowLog for it. */
  faults?: (FaultInput & { nth: number[] })[];
  /** A second request names it while its activation is open. */
  askedTwice?: boolean;
  end: ExpectedEnd;
};

const once = { status: 'completed', adopted: false, attempts: 1, effectiveActivations: 1 } as const;
const twice = { ...once, attempts: 2 } as const;

/** One of every scenario. */
export const SCENARIOS: Scenario[] = [
  { flowLogId: 'fl-plain', story: 'accepted, Pending for 3 s', seed: { pendingMs: 3_000 }, end: once },
  { flowLogId: 'fl-slow', story: 'accepted, Pending for 14 s', seed: { pendingMs: 14_000 }, end: once },
  {
    flowLogId: 'fl-active',
    story: 'was Active already',
    seed: { status: 'Active' },
    end: { status: 'completed', adopted: true, attempts: 1, effectiveActivations: 0 },
  },
  {
    flowLogId: 'fl-conflict',
    story: '409 InvalidOperation.Conflict, twice',
    seed: {},
    faults: [{ kind: 'error', code: 'InvalidOperation.Conflict', nth: [1, 2] }],
    end: { ...once, attempts: 3 },
  },
  {
    flowLogId: 'fl-in-process',
    story: '412 IdempotentProcessing',
    seed: {},
    faults: [{ kind: 'error', code: 'IdempotentProcessing', nth: [1] }],
    end: twice,
  },
  {
    flowLogId: 'fl-throttled',
    story: '429 AccountFlowLimitExceeded',
    seed: {},
    faults: [{ kind: 'error', code: 'AccountFlowLimitExceeded', nth: [1] }],
    end: twice,
  },
  {
    flowLogId: 'fl-lost-reply',
    story: 'the call is processed, its reply is lost',
    seed: {},
    faults: [{ kind: 'reset', processed: true, nth: [1] }],
    end: twice,
  },
  {
    flowLogId: 'fl-error',
    story: '500 InternalError',
    seed: {},
    faults: [{ kind: 'error', code: 'InternalError', nth: [1] }],
    end: twice,
  },
  {
    flowLogId: 'fl-frozen',
    story: 'frozen, the account is overdue',
    seed: { frozen: true },
    end: { status: 'failed', reason: 'frozen', attempts: 1, effectiveActivations: 0 },
  },
  {
    flowLogId: 'fl-missing',
    story: 'does not exist',
    end: { status: 'failed', reason: 'not-found', attempts: 1 },
  },
  {
    flowLogId: 'fl-deleting',
    story: 'is being deleted',
    seed: { status: 'Deleting' },
    end: { status: 'failed', reason: 'deleting', attempts: 1, effectiveActivations: 0 },
  },
  {
    flowLogId: 'fl-shared',
    story: 'a second request joins it, Pending for 8 s',
    seed: { pendingMs: 8_000 },
    askedTwice: true,
    end: { ...once, batches: 2 },
  },
];

const REGION = 'cn-beijing';

export function seedsOf(scenarios: Scenario[]): FlowLogSeed[] {
  return scenarios.flatMap(({ flowLogId, seed }) => (seed ? [{ region: REGION, flowLogId, ...seed }] : []));
}

export function faultsOf(scenarios: Scenario[]): FaultInput[] {
  return scenarios.flatMap(({ flowLogId, faults = [] }) =>
    faults.map((fault) => ({ ...fault, action: 'ActiveFlowLog' as const, flowLogId })),
  );
}
