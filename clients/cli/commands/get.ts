import { given, take } from '../../http/api.ts';
import type { FlowLogActivator } from '../../http/client.ts';
import { type Context, defineCommand, EXIT } from '../command.ts';
import { activationLines, activationTable, countsOf, flowLogs } from '../describe.ts';
import { findActivation, kindOf } from '../ids.ts';
import { groupByReason, printReasons } from '../reasons.ts';

export const get = defineCommand({
  name: 'get',
  group: 'Look',
  summary: 'show one activation with its history and what to do now, or a batch',
  operands: {
    name: 'ID',
    help: 'of a flow log (its latest activation), an activation or a batch',
    atLeast: 1,
    atMost: 1,
  },
  examples: [
    ['fl-1', 'why it is where it is'],
    ['b-5a8297000da1b6b4e02ef2fb2856b69a', 'all that one request asked for'],
    ['fl-1 --output json', 'for a program'],
  ],
  async run(context, { operands: [id = ''] }) {
    const service = await context.connect();
    if (kindOf(id) === 'batch') await showBatch(context, service, id);
    else await showActivation(context, service, id);
    return EXIT.ok;
  },
});

async function showActivation(context: Context, service: FlowLogActivator, id: string): Promise<void> {
  const activation = await findActivation(service, id);
  context.out.value(activation);
  context.out.print(...activationLines(context.out, activation));
  printReasons(context, groupByReason([activation]));
}

async function showBatch(context: Context, service: FlowLogActivator, batchId: string): Promise<void> {
  const { out } = context;
  const { data } = await service.api.GET('/batches/{batchId}', { params: { path: { batchId } } });
  const batch = given(data);
  const activations = await take(service.activations({ batchId, limit: 200 }));
  out.value({ ...batch, activations });
  out.print(...activationTable(out, activations), '');
  out.print(`${flowLogs(batch.total)}: ${countsOf(activations.map(({ status }) => status))}.`);
  printReasons(context, groupByReason(activations));
  if (!batch.done) out.print('', `To follow: ${context.typed(`watch ${batchId}`)}`);
}
