import { choice, flag, word } from '../../terminal/program.ts';
import { GLOBAL_OPTIONS } from '../address.ts';
import { defineCommand, EXIT } from '../command.ts';
import { UsageError } from '../failures.ts';
import { listReports, listRuns, showReport, writeCsv } from '../reports.ts';

export const report = defineCommand({
  name: 'report',
  group: 'Look',
  summary: 'show what a policy found: which flow logs are off, why, since when',
  about: 'Without a policy it lists all, with their last runs.',
  operands: { name: 'POLICY', help: 'its name', atMost: 1 },
  options: {
    run: word('of an earlier run', 'id'),
    runs: flag('list the runs that are kept'),
    state: choice({
      help: 'only flow logs in this state; for people the default is gap',
      value: 'gap|excluded|compliant',
      words: ['gap', 'excluded', 'compliant'],
    }),
    output: {
      ...choice({
        help: 'for people, for programs, or for a spreadsheet',
        value: 'text|json|csv',
        words: ['text', 'json', 'csv'],
      }),
      byDefault: 'text',
      group: GLOBAL_OPTIONS.output.group,
    },
  },
  examples: [
    ['', 'all policies and their last runs'],
    ['keep-active', 'what is off now, and why'],
    ['keep-active --runs', 'the runs that are kept'],
    ['keep-active --run 20260102T030000Z --output csv > report.csv', 'an earlier report for a spreadsheet'],
  ],
  async run(context, { operands: [policy], values: { run, runs, state, output } }) {
    const service = await context.connect();
    const { api } = service;
    if (policy === undefined) {
      if (output === 'csv') throw new UsageError('Say of which policy: report POLICY --output csv');
      await listReports(context, service);
    } else if (runs) await listRuns(context, api, policy);
    else if (output === 'csv') await writeCsv(context, api, policy, { run, state });
    else await showReport(context, api, policy, { run, state });
    return EXIT.ok;
  },
});
