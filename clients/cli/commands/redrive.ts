import { given } from '../../http/api.ts';
import type { FailureReason, FlowLogActivator } from '../../http/client.ts';
import { REASONS } from '../../http/what-now.ts';
import { printable } from '../../terminal/printable.ts';
import { choice, flag } from '../../terminal/program.ts';
import { type Context, defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { stateOf } from '../describe.ts';
import { UsageError } from '../failures.ts';
import { findActivation, withStandardInput } from '../ids.ts';
import { forEachId } from './for-each-id.ts';

export const redrive = defineCommand({
  name: 'redrive',
  group: 'Mend',
  summary: 'open failed activations again: some, or all of a reason',
  about: `Volcengine is asked first: what is Active by now completes at once; what is still frozen, being deleted or
absent is refused, and the line says why. What succeeds gets new events, as its next generation.`,
  operands: { name: 'ID', help: 'of a flow log or an activation; - reads ids from standard input' },
  options: {
    reason: choice<FailureReason>({
      help: 'all that failed for this reason',
      value: 'reason',
      words: REASONS,
    }),
    all: flag('all that failed, but for the cancelled'),
  },
  examples: [
    ['fl-1', 'one'],
    ['--reason frozen', 'all frozen ones, once the bill is paid'],
  ],
  async run(context, { operands, values: { reason, all } }) {
    const ways = [operands.length > 0, reason !== undefined, all].filter(Boolean).length;
    if (ways !== 1) throw new UsageError('Give ids, or --reason, or --all: one of the three.');
    if (operands.length === 0) return redriveAll(context, reason);
    const service = await context.connect();
    const ids = await withStandardInput(operands);
    return forEachId(context, ids, async (id) => {
      const { activationId, generation } = await findActivation(service, id);
      const { data } = await service.api.POST('/activations/{activationId}/redrive', {
        params: { path: { activationId } },
        body: { generation },
      });
      const activation = given(data);
      return { value: activation, line: `${activation.flowLogId}  ${stateOf(activation)}` };
    });
  },
});

/** Sends the request until there is no more. */
async function redriveAll(context: Context, reason: FailureReason | undefined): Promise<ExitStatus> {
  const { out, signal } = context;
  const service = await context.connect();
  let [queued, adopted] = [0, 0];
  for (;;) {
    signal.throwIfAborted();
    const done = await redriveSome(service, reason);
    queued += done.queued;
    adopted += done.adopted;
    // What is refused stays failed, so that each request meets it again.
    if (done.more && done.queued + done.adopted > 0) continue;
    const total = { ...done, queued, adopted };
    out.value(total);
    for (const { activationId, why } of done.refusals)
      out.print(`${activationId}  refused: ${printable(why)}`);
    out.print(`${queued} queued again, ${adopted} Active already, ${done.refused} refused.`);
    return done.refused > 0 ? EXIT.failed : EXIT.ok;
  }
}

async function redriveSome({ api }: FlowLogActivator, reason: FailureReason | undefined) {
  const { data } = await api.POST('/dead-letters/redrive', { body: { reason, limit: 500 } });
  return given(data);
}
