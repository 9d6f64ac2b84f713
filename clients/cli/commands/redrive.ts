import { given } from '../../http/api.ts';
import type { FailureReason } from '../../http/client.ts';
import { REASONS } from '../../http/what-now.ts';
import { choice } from '../../terminal/program.ts';
import { defineCommand } from '../command.ts';
import { stateOf } from '../describe.ts';
import { findActivation } from '../ids.ts';
import { FILTER_OPTIONS, filterOf, runOperation } from '../operation.ts';
import { forEachId, idsOrFilter } from './for-each-id.ts';

export const redrive = defineCommand({
  name: 'redrive',
  group: 'Mend',
  summary: 'open failed activations again: some by id, or all that fit',
  about: `Volcengine is asked first: what is Active by now completes at once; what is still frozen, being deleted or
absent is refused, and the line says why. What succeeds gets new events, as its next generation. What a person
cancelled is opened again only by its id, or by --reason cancelled.`,
  operands: { name: 'ID', help: 'of a flow log or an activation; - reads ids from standard input' },
  options: {
    reason: {
      ...choice<FailureReason>({
        help: 'those that failed for this reason',
        value: 'reason',
        words: REASONS,
      }),
      group: FILTER_OPTIONS.all.group,
    },
    ...FILTER_OPTIONS,
  },
  examples: [
    ['fl-1', 'one'],
    ['--reason frozen --account security', 'all frozen ones of an account, once its bill is paid'],
  ],
  async run(context, { operands, values: { reason, ...values } }) {
    const filter = filterOf(values, { reason });
    const ids = await idsOrFilter(operands, filter);
    if (filter !== undefined) return runOperation(context, { action: 'redrive', filter });
    const service = await context.connect();
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
