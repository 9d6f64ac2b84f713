import { given, take } from '../../http/api.ts';
import type { FlowLogActivator } from '../../http/client.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, defineCommand, EXIT } from '../command.ts';
import { activationLines, activationTable, countsOf, flowLogs } from '../describe.ts';
import { findActivation, kindOf } from '../ids.ts';
import { groupByReason, printReasons } from '../reasons.ts';
import { planLines } from './plan-lines.ts';

export const get = defineCommand({
  name: 'get',
  group: 'Look',
  summary: 'show an activation with its history and what to do now, a batch or a plan',
  operands: {
    name: 'ID',
    help: 'of a flow log (its latest activation), an activation a batch or a plan',
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
    const kind = kindOf(id);
    if (kind === 'batch') await showBatch(context, service, id);
    else if (kind === 'plan') await showPlan(context, service, id);
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

async function showPlan({ out, typed }: Context, { api }: FlowLogActivator, planId: string): Promise<void> {
  const { data } = await api.GET('/plans/{planId}', { params: { path: { planId } } });
  const plan = given(data);
  out.value(plan);
  out.print(
    ...planLines(out, plan),
    '',
    `made ${plan.createdAt} by ${printable(plan.requestedBy ?? 'unknown')}`,
  );
  const { execution } = plan;
  if (execution === undefined) return out.print(`To start it: ${typed(`batch ${planId}`)}`);
  out.print(`started ${execution.at} by ${printable(execution.requestedBy ?? execution.source)}`);
  for (const batchId of execution.batchIds) out.print(`  ${typed(`watch ${batchId}`)}`);
}
