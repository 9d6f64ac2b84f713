import { integer } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';
import { take } from '../ids.ts';
import { groupByReason, printReasons } from '../reasons.ts';

export const failures = defineCommand({
  name: 'failures',
  group: 'Look',
  summary: 'show what has failed, grouped by reason, and what to do now',
  options: { limit: integer({ help: 'look at the latest so many', from: 1, to: 10_000, fallback: 1_000 }) },
  examples: [
    ['', 'what is wrong now'],
    ['--stage prod --output json', 'for a program'],
  ],
  async run(context, { values: { limit } }) {
    const { connect, out } = context;
    const service = await connect();
    const filter = { status: 'failed' as const, limit: Math.min(limit, 200) };
    const failed = await take(service.activations(filter), limit);
    const reasons = groupByReason(failed);
    out.value({ looked: failed.length, reasons });
    if (failed.length === 0) out.print('Nothing has failed.');
    printReasons(context, reasons);
    return EXIT.ok;
  },
});
