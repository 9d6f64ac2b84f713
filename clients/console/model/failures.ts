import type { Activation, FailureReason } from '../../http/api.ts';
import type { AccountStatus, Count } from './contract.ts';

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

/** A number that may be a lower bound, such as `1,200+`. */
export function countText({ count, atLeast }: Count): string {
  return `${count.toLocaleString('en')}${atLeast ? '+' : ''}`;
}

/** How many failed for each reason, in one account or in all, the most frequent first. */
export function failedCounts(
  accounts: AccountStatus[],
  account?: string,
): { reason: FailureReason; count: Count }[] {
  const all = accounts
    .filter((one) => account === undefined || one.account === account)
    .flatMap(({ failed }) => failed);
  return [...Map.groupBy(all, ({ reason }) => reason)]
    .map(([reason, parts]) => ({ reason, count: sumOf(parts.map(({ count }) => count)) }))
    .filter(({ count }) => count.count > 0)
    .sort((a, b) => b.count.count - a.count.count);
}

function sumOf(counts: Count[]): Count {
  const count = counts.reduce((sum, one) => sum + one.count, 0);
  return { count, ...(counts.some(({ atLeast }) => atLeast) && { atLeast: true as const }) };
}
