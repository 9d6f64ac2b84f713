import { given } from '../../http/api.ts';
import { pairs, word } from '../../terminal/program.ts';
import { defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { flowLogs } from '../describe.ts';
import { UsageError } from '../failures.ts';
import { followToEnd, waitOption } from '../waiting.ts';
import { planLines } from './plan-lines.ts';
import { SELECTOR_OPTIONS, selectorOf } from './selector.ts';

export const batch = defineCommand({
  name: 'batch',
  group: 'Ask',
  summary: 'activate all flow logs that a selector matches, or those of a plan',
  operands: { name: 'PLAN', help: 'the id of a plan, as `plan` prints it', atMost: 1 },
  options: {
    wait: waitOption,
    key: word('idempotency key: the same key starts nothing twice', 'text'),
    metadata: pairs({ help: 'comes back in each event; may be repeated' }),
    ...SELECTOR_OPTIONS,
  },
  examples: [
    ['p-0123456789abcdef0123456789abcdef --wait 30m', 'what a plan showed, and wait'],
    ['--tag env=prod --key ticket-42', 'without looking first'],
  ],
  async run(context, { operands: [planId], values: { wait, key, metadata, ...values } }) {
    const selector = selectorOf(values);
    if ((planId === undefined) === (selector === undefined)) {
      throw new UsageError('Give the id of a plan, or say which flow logs: one of the two.');
    }
    const service = await context.connect();
    const { data } = await service.api.POST('/batches', {
      params: { header: { 'Idempotency-Key': key ?? crypto.randomUUID() } },
      body: { planId, selector, metadata },
    });
    const started = given(data);
    const { out, typed } = context;
    const batches = 'batches' in started ? started.batches : [];
    if (wait === undefined || batches.length === 0) out.value(started);
    out.print(...planLines(out, started));
    // A large selection is several batches. They are followed one after the other.
    let worst: ExitStatus = EXIT.ok;
    for (const { batchId, total } of batches) {
      out.print(`Stored as ${batchId}: ${flowLogs(total)}.`);
      if (wait === undefined) out.print(`To follow: ${typed(`watch ${batchId}`)}`);
      else worst = worse(worst, await followToEnd(context, service, batchId, wait));
    }
    return worst;
  },
});

function worse(one: ExitStatus, other: ExitStatus): ExitStatus {
  return one > other ? one : other;
}
