import { take } from '../../http/api.ts';
import type { FailureReason } from '../../http/client.ts';
import { REASONS } from '../../http/what-now.ts';
import { choice, flag, integer, word } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';
import { activationTable } from '../describe.ts';
import { sinceOption } from '../since-option.ts';

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
    reason: choice<FailureReason>({
      help: 'only those that failed for it and were not redriven',
      value: 'reason',
      words: REASONS,
    }),
    desired: choice({
      help: 'only activations (Active), or only deactivations (Inactive)',
      value: 'Active|Inactive',
      words: ['Active', 'Inactive'],
    }),
    held: flag('only those that wait for credentials, permissions or the endpoint'),
    drift: flag('only completed ones whose flow log is no longer Active'),
    'flow-log': word('only those of a flow log', 'id'),
    region: word('only those in a region of Volcengine', 'name'),
    account: word('only those of an account', 'alias'),
    batch: word('only those of a batch', 'id'),
    since: sinceOption('only those asked for since: 2h, 3d, or 2026-01-02T03:04:05Z'),
    limit: integer({ help: 'how many', from: 1, to: 10_000, fallback: 50 }),
  },
  examples: [
    ['', 'the latest 50'],
    ['--status failed --since 2h', 'what failed of what was asked for in the last two hours'],
    ['--held --account security', 'what waits because Volcengine refuses an account'],
    ['--flow-log fl-1', 'every activation of a flow log'],
    ["--status pending --output json | jq -r '.activations[].flowLogId'", 'for a program'],
  ],
  async run({ connect, out, typed }, { values }) {
    const {
      status,
      desired,
      reason,
      held,
      drift,
      region,
      account,
      batch,
      since,
      limit,
      'flow-log': flowLogId,
    } = values;
    const service = await connect();
    const only = {
      ...(held && { held: 'true' as const }),
      ...(drift && { drift: 'true' as const }),
      ...(since !== undefined && { createdFrom: new Date(since).toISOString() }),
    };
    const filter = { status, desired, reason, ...only, flowLogId, region, account, batchId: batch };
    const activations = await take(service.activations({ ...filter, limit: Math.min(limit, 200) }), limit);
    out.value({ activations });
    if (activations.length === 0) out.print('There are none.', `To ask for one: ${typed('activate fl-1')}`);
    else out.print(...activationTable(out, activations));
    return EXIT.ok;
  },
});
