import { given } from '../../http/api.ts';
import { defineCommand } from '../command.ts';
import { stateOf } from '../describe.ts';
import { findActivation, withStandardInput } from '../ids.ts';
import { forEachId } from './for-each-id.ts';

export const cancel = defineCommand({
  name: 'cancel',
  group: 'Mend',
  summary: 'take back activations that are still queued',
  about: 'What Volcengine is being asked for, or has accepted, cannot be taken back.',
  operands: {
    name: 'ID',
    help: 'of a flow log or an activation; - reads ids from standard input',
    atLeast: 1,
  },
  examples: [['fl-1', 'one; a redrive opens it again']],
  async run(context, { operands }) {
    const service = await context.connect();
    return forEachId(context, await withStandardInput(operands), async (id) => {
      const { activationId } = await findActivation(service, id);
      const params = { path: { activationId } };
      const { data } = await service.api.DELETE('/activations/{activationId}', { params });
      const activation = given(data);
      return { value: activation, line: `${activation.flowLogId}  ${stateOf(activation)}` };
    });
  },
});
