import { take } from '../../http/api.ts';
import type { Activation, ActivationFilter } from '../../http/client.ts';
import { REASONS, WHAT_NOW_DRIFTED, WHAT_NOW_HELD } from '../../http/what-now.ts';
import { integer } from '../../terminal/program.ts';
import { type Context, defineCommand, EXIT } from '../command.ts';
import { groupByReason, printReasons, type ReasonGroup } from '../reasons.ts';

/** What a person took back is no failure to mend. */
const MENDABLE = REASONS.filter((reason) => reason !== 'cancelled');

export const failures = defineCommand({
  name: 'failures',
  group: 'Look',
  summary: 'show what needs somebody, grouped by reason, and what to do now',
  about: `What failed and was not redriven since, what is on hold, and what has drifted. What was redriven or asked for
again is done with. The exit status is 1 if there is anything.`,
  options: {
    limit: integer({ help: 'at most so many of each reason', from: 1, to: 10_000, fallback: 1_000 }),
  },
  examples: [
    ['', 'what is wrong now'],
    ['--stage prod --output json', 'for a program'],
  ],
  async run(context, { values: { limit } }) {
    const { out } = context;
    const groups = await findGroups(context, limit);
    out.value({ groups });
    if (groups.length === 0) out.print('Nothing has failed, is on hold, or has drifted.');
    printReasons(context, groups);
    return groups.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

async function findGroups({ connect }: Context, limit: number): Promise<ReasonGroup[]> {
  const service = await connect();
  const find = (filter: ActivationFilter) =>
    take(service.activations({ ...filter, limit: Math.min(limit, 200) }), limit);
  const [held, drifted, ...failed] = await Promise.all([
    find({ held: 'true' }),
    find({ drift: 'true' }),
    ...MENDABLE.map((reason) => find({ reason })),
  ]);
  return [
    ...groupByReason(failed.flat()),
    ...groupOf('on hold', held, WHAT_NOW_HELD),
    ...groupOf('drifted', drifted, WHAT_NOW_DRIFTED),
  ];
}

function groupOf(reason: string, members: Activation[], whatNow: string): ReasonGroup[] {
  if (members.length === 0) return [];
  const said = members.find(({ lastError }) => lastError !== undefined)?.lastError?.message;
  const flowLogIds = members.map(({ flowLogId }) => flowLogId);
  return [{ reason, count: members.length, flowLogIds, whatNow, said }];
}
