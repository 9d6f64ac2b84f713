import { groupBy } from '../../terminal/group-by.ts';
import { flag } from '../../terminal/program.ts';
import { defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { findActivation } from '../ids.ts';
import { FILTER_OPTIONS, filterOf, runOperation } from '../operation.ts';
import { idsOrFilter } from './for-each-id.ts';

export const retry = defineCommand({
  name: 'retry',
  group: 'Mend',
  summary: 'call Volcengine now for what waits for its next try: some by id, or all that fit',
  about: 'For the time after a repair: what is on hold is otherwise tried every five minutes.',
  operands: { name: 'ID', help: 'of a flow log or an activation; - reads ids from standard input' },
  options: {
    held: {
      ...flag('those that wait for credentials, permissions or the endpoint'),
      group: FILTER_OPTIONS.all.group,
    },
    ...FILTER_OPTIONS,
  },
  examples: [
    ['--held --account security', 'once the secret or the policy of an account is mended'],
    ['fl-1', 'one'],
  ],
  async run(context, { operands, values: { held, ...values } }) {
    const filter = filterOf(values, { held: held ? (true as const) : undefined });
    const ids = await idsOrFilter(operands, filter);
    if (filter !== undefined) return runOperation(context, { action: 'retry-now', filter });
    const service = await context.connect();
    const found = await Promise.all(ids.map((id) => findActivation(service, id)));
    let worst: ExitStatus = EXIT.ok;
    for (const [, members] of groupBy(found, (one) => `${one.account} ${one.region}`)) {
      const [{ account, region } = {}] = members;
      const flowLogIds = members.map(({ flowLogId }) => flowLogId);
      const status = await runOperation(context, {
        action: 'retry-now',
        filter: { account, region, flowLogIds },
      });
      if (status !== EXIT.ok) worst = status;
    }
    return worst;
  },
});
