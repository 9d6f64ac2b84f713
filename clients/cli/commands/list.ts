import { choice, integer, text } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';
import { activationTable } from '../describe.ts';
import { take } from '../ids.ts';

const word = (help: string, value: string) => text({ help, value, fallback: undefined });

export const list = defineCommand({
  name: 'list',
  group: 'Look',
  summary: 'list activations, the newest first',
  options: {
    status: choice({
      help: 'only those in this state',
      value: 'queued|pending|completed|failed',
      words: ['queued', 'pending', 'completed', 'failed'],
    }),
    'flow-log': word('only those of a flow log', 'id'),
    region: word('only with --flow-log: in this region of Volcengine', 'name'),
    account: word('only with --flow-log: of this account', 'alias'),
    batch: word('only those of a batch', 'id'),
    limit: integer({ help: 'how many', from: 1, to: 10_000, fallback: 50 }),
  },
  examples: [
    ['', 'the latest 50'],
    ['--status failed --limit 500', 'the latest failed ones'],
    ['--flow-log fl-1', 'every activation of a flow log'],
    [`--status pending --output json | jq -r '.activations[].flowLogId'`, 'for a program'],
  ],
  async run({ connect, out, typed }, { values }) {
    const { status, region, account, batch: batchId, limit, 'flow-log': flowLogId } = values;
    const service = await connect();
    const filter = { status, flowLogId, region, account, batchId, limit: Math.min(limit, 200) };
    const activations = await take(service.activations(filter), limit);
    out.value({ activations });
    if (activations.length === 0) out.print('There are none.', `To ask for one: ${typed('activate fl-1')}`);
    else out.print(...activationTable(out, activations));
    return EXIT.ok;
  },
});
