import { given } from '../../http/api.ts';
import { defineCommand, EXIT } from '../command.ts';
import { UsageError } from '../failures.ts';
import { planLines } from './plan-lines.ts';
import { SELECTOR_OPTIONS, selectorOf } from './selector.ts';

export const plan = defineCommand({
  name: 'plan',
  group: 'Ask',
  summary: 'show which flow logs a selector would activate; nothing is started',
  about:
    'The plan is kept. `batch PLAN` starts exactly that, and is refused if other flow logs would be started by then.',
  options: SELECTOR_OPTIONS,
  examples: [
    ['--tag env=prod', 'all with a tag'],
    ["--name 'prod-*' --vpc vpc-1 --account security", 'by name, in a VPC of another account'],
  ],
  async run({ connect, out, typed }, { values }) {
    const selector = selectorOf(values);
    if (selector === undefined)
      throw new UsageError('Say which flow logs: --tag, --name, --vpc, --account …');
    const { api } = await connect();
    const params = { header: { 'Idempotency-Key': crypto.randomUUID() } };
    const { data } = await api.POST('/batches', { params, body: { selector, dryRun: true } });
    const made = given(data);
    out.value(made);
    out.print(...planLines(out, made));
    const { wouldActivate, alreadyOpen } = made.counts;
    if (wouldActivate + alreadyOpen > 0) {
      out.print('', `To start it: ${typed(`batch ${made.planId} --wait 30m`)}`);
    }
    return EXIT.ok;
  },
});
