import type { FlowLogSeed } from '../../local/volcengine/flow-log.ts';

export type Scenario = {
  name: string;
  /** How many of 25 flow logs have it. */
  share: number;
  /** As the fake Volcengine has it when it is first asked for; absent: it does not exist. */
  seed?: Omit<FlowLogSeed, 'region' | 'flowLogId'>;
  status: 'completed' | 'failed';
  reason?: string;
  /** Of the first activation; one that comes when the flow log is Active already adopts it. */
  adopted?: boolean;
  /** How often Volcengine really starts it, whatever is asked, lost or repeated. */
  effectiveActivations: number;
};

/** Longer than every `pendingMs` of a flow log that is to complete. */
export const PENDING_DEADLINE_MS = 15_000;

/** Ours, for one call: a flow log may become Active between question and answer, and counts from the question. */
export const CALL_TIMEOUT_MS = 500;

const completed = { status: 'completed', adopted: false, effectiveActivations: 1 } as const;
const adopted = { status: 'completed', adopted: true, effectiveActivations: 0 } as const;

/** Faults and kills may delay these ends, and must not change one of them. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'plain', share: 9, seed: { pendingMs: 300 }, ...completed },
  { name: 'slow', share: 2, seed: { pendingMs: 4_000 }, ...completed },
  // Longer in process than CALL_TIMEOUT_MS: the retry meets 412, or the success of the first call.
  { name: 'long-call', share: 2, seed: { processingMs: 800, pendingMs: 300 }, ...completed },
  {
    name: 'created-late',
    share: 2,
    seed: { status: 'Creating', plan: [{ afterMs: 4_000, status: 'Inactive' }], pendingMs: 300 },
    ...completed,
  },
  { name: 'active', share: 2, seed: { status: 'Active' }, ...adopted },
  { name: 'started-by-another', share: 2, seed: { status: 'Pending', pendingMs: 5_000 }, ...adopted },
  { name: 'frozen', share: 1, seed: { frozen: true }, ...failedAs('frozen', 0) },
  { name: 'missing', share: 1, ...failedAs('not-found', 0) },
  { name: 'deleting', share: 1, seed: { status: 'Deleting' }, ...failedAs('deleting', 0) },
  {
    name: 'failing',
    share: 1,
    seed: { pendingMs: 300, activatesTo: 'Failed' },
    ...failedAs('activation-failed', 1),
  },
  {
    name: 'vanishing',
    share: 1,
    seed: { pendingMs: 300, activatesTo: 'Absent' },
    ...failedAs('not-found', 1),
  },
  { name: 'stuck', share: 1, seed: { pendingMs: 3_600_000 }, ...failedAs('deadline-exceeded', 1) },
];

function failedAs(reason: string, effectiveActivations: number) {
  return { status: 'failed', reason, effectiveActivations } as const;
}
