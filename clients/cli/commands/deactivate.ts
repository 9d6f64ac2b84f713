import { flag } from '../../terminal/program.ts';
import { BY_ID_OPTIONS, followOrShow } from '../by-id.ts';
import { type Context, defineCommand, EXIT } from '../command.ts';
import { flowLogs } from '../describe.ts';
import { UsageError } from '../failures.ts';
import { withStandardInput } from '../ids.ts';

/** Ids in the question. */
const SHOWN = 5;

export const deactivate = defineCommand({
  name: 'deactivate',
  group: 'Ask',
  summary: 'switch flow logs off by id, after a confirmation',
  about: `While a flow log is off its traffic is not logged, and cannot be logged later. So the number of flow logs must be typed
first; without a terminal it needs --yes. The service must allow it: allowDeactivation, docs/guides/deactivate.md.`,
  operands: { name: 'ID', help: 'the id of a flow log; - reads ids from standard input', atLeast: 1 },
  options: {
    yes: flag('do not ask'),
    ...BY_ID_OPTIONS,
  },
  examples: [
    ['fl-1 --wait 5m', 'asks, switches one off, and waits until it is Inactive'],
    ['- --yes --key ticket-43 --metadata ticket=OPS-43 < ids.txt', 'as a pipeline does: safe to repeat'],
  ],
  async run(context, { operands, values: { yes, wait, region, account, key, metadata } }) {
    const flowLogIds = [...new Set(await withStandardInput(operands))];
    if (!yes && !(await isConfirmed(context, flowLogIds, account))) {
      context.out.print('Nothing was done.');
      return EXIT.failed;
    }
    const service = await context.connect();
    const requested = await service.deactivate(flowLogIds, {
      region,
      account,
      metadata,
      idempotencyKey: key,
    });
    const { batchId, activations } = requested;
    const { out } = context;
    out.print(`Stored as ${batchId}: ${flowLogs(activations.length)} to switch off.`);
    return followOrShow(context, service, requested, wait);
  },
});

/** Throws UsageError if nobody can be asked. */
async function isConfirmed(
  { ask, out, address }: Context,
  flowLogIds: string[],
  account = 'default',
): Promise<boolean> {
  if (ask === undefined) throw new UsageError('Without a terminal to ask at, deactivate needs --yes.');
  const { url } = await address();
  const count = String(flowLogIds.length);
  const shown = flowLogIds.slice(0, SHOWN).join(', ');
  const rest = flowLogIds.length > SHOWN ? `, and ${flowLogIds.length - SHOWN} more` : '';
  out.note(
    `This switches off ${flowLogs(flowLogIds.length)} of the account ${account}, at ${url}: ${shown}${rest}.`,
    'While they are off their traffic is not logged, and cannot be logged later.',
  );
  return (await ask(`Type ${count} to go on: `)).trim() === count;
}
