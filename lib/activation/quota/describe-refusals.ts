/** DescribeFlowLogs is refused: since when, the latest time (ms since the epoch), and the code of that. */
export type Refusal = { since: number; at: number; code: string };
/** By region. */
export type Refusals = Readonly<Record<string, Refusal>>;

/** The poller asks again after a minute. Nothing is pending any more, or nobody asks, if it does not for so long. */
const VALID_MS = 180_000;

/**
 * With the outcome of a call: `code` is why credentials, permissions or the endpoint were refused, if they were. The same
 * object if nothing changes.
 */
export function withOutcome(
  refusals: Refusals | undefined,
  region: string,
  code: string | undefined,
  now: number,
): Refusals | undefined {
  const { [region]: known, ...others } = Object.fromEntries(validOnes(refusals, now));
  if (code !== undefined) return { ...others, [region]: { since: known?.since ?? now, at: now, code } };
  const left = Object.keys(others).length;
  if (left === Object.keys(refusals ?? {}).length) return refusals;
  return left > 0 ? others : undefined;
}

/** The one that has lasted longest, or undefined if DescribeFlowLogs is refused in no region. */
export function oldestRefusal(refusals: Refusals | undefined, now: number): Refusal | undefined {
  const [oldest] = validOnes(refusals, now).toSorted(([, a], [, b]) => a.since - b.since);
  return oldest?.[1];
}

function validOnes(refusals: Refusals = {}, now: number): [string, Refusal][] {
  return Object.entries(refusals).filter(([, { at }]) => now - at <= VALID_MS);
}
