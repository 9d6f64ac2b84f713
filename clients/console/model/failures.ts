import type { Activation, FailureReason } from '../../http/api.ts';
import { WHAT_NOW } from '../../http/what-now.ts';

/** Every reason, in the order in which the page shows them when they are as many. */
export const REASONS = Object.keys(WHAT_NOW) as FailureReason[];

/** What failed for one reason and was neither redriven nor replaced since: the newest, and whether there are more. */
export type FailureGroup = { reason: FailureReason; activations: Activation[]; hasMore: boolean };

/** Without the empty ones; the most frequent first. */
export function inOrder(groups: FailureGroup[]): FailureGroup[] {
  return groups
    .filter(({ activations, hasMore }) => activations.length > 0 || hasMore)
    .sort((a, b) => Number(b.hasMore) - Number(a.hasMore) || b.activations.length - a.activations.length);
}

/** A redrive of these can end well. For the others a person has to do something else first, or instead. */
export function canRedriveHelp(reason: string): boolean {
  return !['deleting', 'client-token-malformed', 'invalid-request'].includes(reason);
}

/** What Volcengine said, each message once with its count, the most frequent first. */
export function messagesOf(activations: Activation[]): { code: string; message: string; count: number }[] {
  const errors = activations.flatMap(({ lastError }) => (lastError ? [lastError] : []));
  return [...Map.groupBy(errors, ({ code, message }) => `${code}\n${message}`).values()]
    .map((same) => ({ code: same[0]?.code ?? '', message: same[0]?.message ?? '', count: same.length }))
    .sort((a, b) => b.count - a.count);
}

/** A number that may be a lower bound. */
export function atLeast(count: number, isMore: boolean): string {
  return `${count.toLocaleString('en')}${isMore ? '+' : ''}`;
}
