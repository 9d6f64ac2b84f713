import { type Activation, WHAT_NOW } from '../http/client.ts';
import { groupBy } from '../terminal/group-by.ts';
import { printable } from '../terminal/printable.ts';
import type { Context } from './command.ts';

/** How many flow logs are named for each reason. */
const NAMED = 5;

export type ReasonGroup = {
  reason: string;
  count: number;
  flowLogIds: string[];
  whatNow: string;
  said?: string;
};

/** Groups failed activations by their reason, the most frequent first. */
export function groupByReason(activations: Activation[]): ReasonGroup[] {
  const failed = activations.filter(({ status }) => status === 'failed');
  return [...groupBy(failed, ({ reason = 'unexpected' }) => reason)]
    .map(([reason, members]) => ({
      reason,
      count: members.length,
      flowLogIds: members.map(({ flowLogId }) => flowLogId),
      whatNow: WHAT_NOW[reason] ?? 'Look at the last error.',
      said: members.find(({ lastError }) => lastError !== undefined)?.lastError?.message,
    }))
    .sort((a, b) => b.count - a.count);
}

/** Prints each reason with its flow logs, what Volcengine said, and what to do now. */
export function printReasons({ out, typed }: Context, groups: ReasonGroup[]): void {
  for (const { reason, count, flowLogIds, whatNow, said } of groups) {
    const named = flowLogIds.slice(0, NAMED).join(', ');
    const more = count > NAMED ? ` and ${count - NAMED} more` : '';
    out.print('', `${out.paint('red', `${count} ${reason}`)}`);
    out.prose(`${named}${more}`);
    if (said !== undefined) out.prose(`Volcengine: ${printable(said)}`);
    out.prose(`${whatNow}`);
    if (reason === 'on hold') out.print(`  ${out.paint('cyan', typed('retry --held'))}`);
    if (/\bredrive/i.test(whatNow) && !/cannot help|no redrive/.test(whatNow)) {
      out.print(
        `  ${out.paint('cyan', typed(`redrive ${count === 1 ? flowLogIds[0] : `--reason ${reason}`}`))}`,
      );
    }
  }
}
