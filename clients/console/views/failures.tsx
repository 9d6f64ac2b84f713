import type { FailureReason } from '../../http/api.ts';
import { api } from '../api.ts';
import { useAction, useNow, useQuery } from '../hooks.ts';
import {
  atLeast,
  canRedriveHelp,
  type FailureGroup,
  inOrder,
  messagesOf,
  REASONS,
} from '../model/failures.ts';
import { linkTo } from '../model/route.ts';
import { whatNowFor } from '../model/what-now.ts';
import { Badge, Empty, Notice, QueryState, Time } from '../parts/basics.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

const LOOK_EVERY_MS = 5_000;
/** So many of each reason are counted and named; the list has all. */
const NAMED = 50;

/** What failed and was not redriven, by reason, with what to do about it. */
export function FailuresView() {
  const query = useQuery('failures', readFailures, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <div class="view-head">
        <h1>Failures</h1>
        <p class="hint">Not redriven, not replaced by a later activation</p>
      </div>
      <QueryState query={query} />
      {query.data?.length === 0 && <Empty>Nothing has failed.</Empty>}
      {query.data?.map((group) => (
        <Group key={group.reason} group={group} reload={query.reload} />
      ))}
    </>
  );
}

export async function readFailures(signal: AbortSignal): Promise<FailureGroup[]> {
  const groups = REASONS.map(async (reason): Promise<FailureGroup> => {
    const { data } = await api.GET('/activations', { params: { query: { reason, limit: NAMED } }, signal });
    return { reason, activations: data?.activations ?? [], hasMore: data?.nextCursor !== undefined };
  });
  return inOrder(await Promise.all(groups));
}

function Group({ group, reload }: { group: FailureGroup; reload: () => void }) {
  const { reason, activations, hasMore } = group;
  const now = useNow();
  const count = atLeast(activations.length, hasMore);
  return (
    <section class="card" aria-label={`Failed: ${reason}`}>
      <div class="part-head">
        <h2>
          <Badge tone="bad">{reason}</Badge> {count}
        </h2>
        <a href={linkTo('activations', { query: { status: 'failed', reason } })}>Show all</a>
      </div>
      <p>
        <strong>What now: </strong>
        {whatNowFor(reason)}
      </p>
      {messagesOf(activations)
        .slice(0, 2)
        .map(({ code, message, count: times }) => (
          <p key={code + message} class="said">
            {times} × <code>{code}</code> <q>{message}</q>
          </p>
        ))}
      <ul class="chips" aria-label={`Flow logs that failed: ${reason}`}>
        {activations.slice(0, 12).map(({ activationId, flowLogId, finishedAt, updatedAt }) => (
          <li key={activationId}>
            <a href={linkTo('activations', { id: activationId })}>{flowLogId}</a>{' '}
            <Time at={finishedAt ?? updatedAt} now={now} />
          </li>
        ))}
      </ul>
      <RedriveReason reason={reason} count={count} reload={reload} />
    </section>
  );
}

function RedriveReason({
  reason,
  count,
  reload,
}: {
  reason: FailureReason;
  count: string;
  reload: () => void;
}) {
  const action = useAction();
  const redrive = () =>
    action.run(async () => {
      const said = await redriveAll(reason);
      reload();
      return said;
    });
  return (
    <>
      <div class="actions">
        <ConfirmButton
          label={`Redrive ${count}`}
          question={`Redrive what failed as ${reason}?`}
          disabled={action.isRunning}
          onConfirm={redrive}
        >
          DescribeFlowLogs is asked first: what is Active by now completes at once, what still cannot succeed
          is refused and stays as it is, everything else is queued again.
          {canRedriveHelp(reason) ? '' : ` After ${reason} a redrive rarely helps.`}
        </ConfirmButton>
        {action.isRunning && <span role="status">Redriving…</span>}
      </div>
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
    </>
  );
}

/** Sends the request again while there are more. Stops when a round changes nothing. */
async function redriveAll(reason: FailureReason): Promise<string> {
  const sum = { queued: 0, adopted: 0, refused: 0 };
  let why: string | undefined;
  let goesOn = true;
  while (goesOn) {
    const { data } = await api.POST('/dead-letters/redrive', { body: { reason, limit: 200 } });
    if (data === undefined) break;
    sum.queued += data.queued;
    sum.adopted += data.adopted;
    // A later round meets those again that an earlier one refused.
    sum.refused = data.refused;
    why = data.refusals[0]?.why;
    goesOn = data.more && data.queued + data.adopted > 0;
  }
  const refused = sum.refused > 0 ? ` ${sum.refused} refused${why ? `, such as: ${why}` : ''}.` : '';
  return `${sum.queued} queued again, ${sum.adopted} were Active already.${refused}`;
}
