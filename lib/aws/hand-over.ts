import type { PublishOutcome } from '../activation/model/ports.ts';

/** Of an entry or a call: it passes by itself. */
const PASSING = /^(Internal|ServiceUnavailable|NoResult)|Throttl/i;
/** Of a call: one of its entries is at fault, whoever sends it. */
const OF_CONTENT =
  /Validation|^Invalid(MessageContents|Parameter|Argument|Attribute)|TooLong|TooLarge|Malformed|Serialization/;

export function isPassing(code: string): boolean {
  return PASSING.test(code);
}

/** For a line of log. */
export function whyNot({ refused, cause }: PublishOutcome): { codes: string[]; cause?: string } {
  return { codes: [...new Set(refused.values())], ...(cause !== undefined && { cause }) };
}

/**
 * Sends the items in one call. One that makes the service refuse the call must not keep the others: each half is sent
 * by itself, down to the one that is refused. Notes in the outcome what `send` does not; never throws.
 */
export async function handOver<Item extends { id: string }>(
  items: Item[],
  outcome: PublishOutcome,
  send: (items: Item[]) => Promise<void>,
): Promise<void> {
  try {
    await send(items);
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const [first] = items;
    if (!OF_CONTENT.test(name) || first === undefined) {
      outcome.cause ??= String(error);
    } else if (items.length === 1) {
      outcome.refused.set(first.id, name);
    } else {
      const middle = Math.ceil(items.length / 2);
      await handOver(items.slice(0, middle), outcome, send);
      await handOver(items.slice(middle), outcome, send);
    }
  }
}
