import { BY_ID_OPTIONS, followOrShow } from '../by-id.ts';
import { defineCommand } from '../command.ts';
import { flowLogs } from '../describe.ts';
import { withStandardInput } from '../ids.ts';

export const activate = defineCommand({
  name: 'activate',
  group: 'Ask',
  summary: 'activate flow logs by id',
  about: `The request is stored, then finished whatever happens to this command. With --wait it follows to the end:
exit status 0 if all are Active, 1 if some failed, 3 if some are still open when the time is over.`,
  operands: { name: 'ID', help: 'the id of a flow log; - reads ids from standard input', atLeast: 1 },
  options: BY_ID_OPTIONS,
  examples: [
    ['fl-1 fl-2', 'ask for two'],
    ['fl-1 fl-2 --wait 5m', 'and wait until they are Active'],
    ['- --wait 30m --key ticket-42 --metadata ticket=OPS-42 < ids.txt', 'as a pipeline does: safe to repeat'],
    ['fl-1 --region cn-shanghai --account security --stage prod', 'another account, a deployed service'],
  ],
  async run(context, { operands, values: { wait, region, account, key, metadata } }) {
    const flowLogIds = await withStandardInput(operands);
    const service = await context.connect();
    const requested = await service.activate(flowLogIds, { region, account, metadata, idempotencyKey: key });
    const { batchId, activations } = requested;
    const { out } = context;
    const joined = activations.filter((activation) => activation.joined).length;
    const also = joined === 0 ? '' : `, ${joined} of them were asked for before and are still open`;
    out.print(`Stored as ${batchId}: ${flowLogs(activations.length)}${also}.`);
    return followOrShow(context, service, requested, wait);
  },
});
