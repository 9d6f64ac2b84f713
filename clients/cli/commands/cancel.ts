import { given } from '../../http/api.ts';
import { defineCommand } from '../command.ts';
import { stateOf } from '../describe.ts';
import { findActivation } from '../ids.ts';
import { FILTER_OPTIONS, filterOf, runOperation } from '../operation.ts';
import { forEachId, idsOrFilter } from './for-each-id.ts';

export const cancel = defineCommand({
  name: 'cancel',
  group: 'Mend',
  summary: 'take back activations that are still queued: some by id, or all that fit',
  about: 'What Volcengine is being asked for, or has accepted, cannot be taken back.',
  operands: { name: 'ID', help: 'of a flow log or an activation; - reads ids from standard input' },
  options: FILTER_OPTIONS,
  examples: [
    ['fl-1', 'one; a redrive opens it again'],
    ['--batch b-5a8297000da1b6b4e02ef2fb2856b69a', 'what is left of a batch'],
  ],
  async run(context, { operands, values }) {
    const filter = filterOf(values, {});
    const ids = await idsOrFilter(operands, filter);
    if (filter !== undefined) return runOperation(context, { action: 'cancel', filter });
    const service = await context.connect();
    return forEachId(context, ids, async (id) => {
      const { activationId } = await findActivation(service, id);
      const params = { path: { activationId } };
      const { data } = await service.api.DELETE('/activations/{activationId}', { params });
      const activation = given(data);
      return { value: activation, line: `${activation.flowLogId}  ${stateOf(activation)}` };
    });
  },
});
