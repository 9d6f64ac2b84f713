import type {
  AcceptedRequest,
  Leftovers,
  SeenActivation,
  SeenBatch,
  SeenBatchEvent,
  SeenCall,
  SeenDeadLetter,
  SeenEvent,
  SeenFlowLog,
  SeenOtherEvent,
  SeenPoison,
} from './observations.ts';
import type { PlannedRequest } from './plan.ts';

export type AnsweredRequest = PlannedRequest & {
  /** The first answer; later ones must give the same ids. */
  answer: AcceptedRequest;
  replays: AcceptedRequest[];
};

/** Everything that was seen while it ran; outlives every process that is killed. */
export type Ledger = {
  requests: AnsweredRequest[];
  /** Every delivery, in the order in which it came. */
  events: SeenEvent[];
  batchEvents: SeenBatchEvent[];
  otherEvents: SeenOtherEvent[];
  deadLetters: SeenDeadLetter[];
  poison: SeenPoison[];
  calls: SeenCall[];
  /** How often each kind of fault struck. */
  faults: Map<string, number>;
  functionKills: number;
  /** When each world was killed, in ms since the epoch: its queues' memory went with it. */
  worldKilledAt: number[];
};

export function emptyLedger(): Ledger {
  return {
    requests: [],
    events: [],
    batchEvents: [],
    otherEvents: [],
    deadLetters: [],
    poison: [],
    calls: [],
    faults: new Map(),
    functionKills: 0,
    worldKilledAt: [],
  };
}

/** The ledger and what was read once everything had ended. */
export type Evidence = Ledger & {
  activations: SeenActivation[];
  /** Of the requests, in their order. */
  batches: SeenBatch[];
  /** The ids that each batch lists. */
  lists: string[][];
  flowLogs: SeenFlowLog[];
  leftovers: Leftovers;
};
