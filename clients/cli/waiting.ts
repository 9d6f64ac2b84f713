import type { FlowLogActivator } from '../http/client.ts';
import { duration } from '../terminal/program.ts';
import { type Context, EXIT, type ExitStatus } from './command.ts';
import { createProgress, endSentence } from './progress.ts';
import { groupByReason, printReasons } from './reasons.ts';

export const waitOption = duration({ help: 'wait until all are final, at most so long: 90s, 5m, 1h' });

/** Follows a batch, shows its progress, then its end with what to do now. */
export async function followToEnd(
  context: Context,
  service: FlowLogActivator,
  batchId: string,
  timeoutMs: number | undefined,
): Promise<ExitStatus> {
  const { out, signal, toGoOn, typed } = context;
  toGoOn(`watch ${batchId}`);
  const progress = createProgress(out);
  const end = await service
    .follow(batchId, { timeoutMs, signal, onChange: progress.show })
    .finally(() => progress.end());
  const reasons = groupByReason(end.activations);
  out.value({ ...end, reasons });
  out.print('', endSentence(end));
  printReasons(context, reasons);
  if (end.outcome === 'timed-out') out.print('', `To go on: ${typed(`watch ${batchId}`)}`);
  return { completed: EXIT.ok, failed: EXIT.failed, 'timed-out': EXIT.notInTime }[end.outcome];
}
