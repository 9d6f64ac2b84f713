import { defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { findActivation, kindOf } from '../ids.ts';
import { followToEnd, waitOption } from '../waiting.ts';

export const watch = defineCommand({
  name: 'watch',
  group: 'Look',
  summary: 'follow a batch, or the batch of a flow log, until all is final',
  operands: { name: 'ID', help: 'of a batch, an activation or a flow log', atLeast: 1, atMost: 1 },
  options: { wait: waitOption },
  examples: [
    ['b-5a8297000da1b6b4e02ef2fb2856b69a', 'until its last activation is final'],
    ['fl-1 --wait 10m', 'the latest request for a flow log, at most ten minutes'],
  ],
  async run(context, { operands: [id = ''], values: { wait } }): Promise<ExitStatus> {
    const service = await context.connect();
    if (kindOf(id) === 'batch') return followToEnd(context, service, id, wait);
    const batchId = (await findActivation(service, id)).batchIds.at(-1);
    return batchId === undefined ? EXIT.failed : followToEnd(context, service, batchId, wait);
  },
});
