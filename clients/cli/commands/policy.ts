import { defineCommand, EXIT } from '../command.ts';
import { listReports } from '../reports.ts';

export const policy = defineCommand({
  name: 'policy',
  group: 'Look',
  summary: 'list the policies that have run, with what their last runs found',
  about:
    'What is configured stands in the configuration store; a policy that is new runs within five minutes.',
  operands: { name: 'ACTION', known: { list: 'the same as report without a policy' }, atLeast: 1, atMost: 1 },
  examples: [['list', 'all policies and their last runs']],
  async run(context) {
    await listReports(context, await context.connect());
    return EXIT.ok;
  },
});
