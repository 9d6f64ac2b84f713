import type { FaultInput } from '../../local/volcengine/fault.ts';

const PROBABILITY = 0.1;

/** Every kind, by the name under which it is counted. `hang` lasts until our own timeout. */
const KINDS: Record<string, FaultInput> = {
  'error 409': { kind: 'error', code: 'InvalidOperation.Conflict' },
  'error 412': { kind: 'error', code: 'IdempotentProcessing' },
  'error 429': { kind: 'error', code: 'AccountFlowLimitExceeded' },
  'error 500': { kind: 'error', code: 'InternalError' },
  'error 503': { kind: 'error', code: 'ServiceUnavailableTemp', retryAfterSeconds: 1 },
  'reset before processing': { kind: 'reset' },
  'reset after processing': { kind: 'reset', processed: true },
  'hang after processing': { kind: 'hang', processed: true },
  garbage: { kind: 'garbage' },
  truncated: { kind: 'truncated' },
  html: { kind: 'html' },
  delay: { kind: 'delay', delayMs: 200 },
};

/**
 * Each kind strikes a tenth of the calls that no kind before it has struck: seven of ten are
 * struck. They begin with another kind for each seed, so that none is always the last.
 */
export function faultPlan(seed: number): { label: string; fault: FaultInput }[] {
  const kinds = Object.entries(KINDS);
  const first = seed % kinds.length;
  return [...kinds.slice(first), ...kinds.slice(0, first)].map(([label, fault], index) => ({
    label,
    fault: { ...fault, probability: PROBABILITY, seed: seed * 1_000 + index },
  }));
}
