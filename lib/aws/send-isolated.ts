import type { PublishOutcome } from '../activation/model/message-ports.ts';

/** Codes of an entry or a call whose cause is temporary. */
const TEMPORARY = /^(Internal|ServiceUnavailable|NoResult)|Throttl/i;
/** Names of errors of a call that are caused by the content of one entry. */
const OF_CONTENT =
  /Validation|^Invalid(MessageContents|Parameter|Argument|Attribute)|TooLong|TooLarge|Malformed|Serialization/;

export function isTemporary(code: string): boolean {
  return TEMPORARY.test(code);
}

/** For a log line: why messages were not stored. */
export function refusalFields({ refused, cause }: PublishOutcome): { codes: string[]; cause?: string } {
  return { codes: [...new Set(refused.values())], ...(cause !== undefined && { cause }) };
}

/**
 * Sends the items in one call. If the service refuses the call because of its content, it sends each half by itself, and
 * so on, until only the bad item is refused. `send` adds the results of its entries to `outcome`; this function adds
 * the errors of whole calls. Never throws.
 */
export async function sendIsolated<Item extends { id: string }>(
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
      await sendIsolated(items.slice(0, middle), outcome, send);
      await sendIsolated(items.slice(middle), outcome, send);
    }
  }
}
