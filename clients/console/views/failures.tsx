import type { Activation, FailureReason } from '../../http/api.ts';
import { api, readStatus } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import type { Count } from '../model/contract.ts';
import { canRedriveHelp, countText, failedCounts, messagesOf } from '../model/failures.ts';
import { linkTo } from '../model/route.ts';
import { whatNowFor } from '../model/what-now.ts';
import { Badge, Empty, QueryState, Time } from '../parts/basics.tsx';
import { OperationButton } from '../parts/operation-button.tsx';

const LOOK_EVERY_MS = 5_000;
/** So many of each reason are named; the list has all. */
const NAMED = 12;

type Group = { reason: FailureReason; count: Count; newest: Activation[] };

/** What failed and was not redriven, by reason, with what to do about it. */
export function FailuresView({ query: { account, reason } }: { query: Record<string, string> }) {
  const query = useQuery(`${account} ${reason}`, (signal) => readFailures({ account, reason }, signal), {
    everyMs: LOOK_EVERY_MS,
  });
  const narrowed = [reason, account && `account ${account}`].filter(Boolean).join(', ');
  return (
    <>
      <div class="view-head">
        <h1>Failures</h1>
        <p class="hint">{narrowed || 'Not redriven, and not replaced by a later activation'}</p>
        {narrowed && <a href={linkTo('failures')}>Show all</a>}
      </div>
      <QueryState query={query} />
      {query.data?.length === 0 && <Empty>Nothing has failed.</Empty>}
      {query.data?.map((group) => (
        <GroupCard key={group.reason} group={group} account={account} />
      ))}
    </>
  );
}

async function readFailures(
  { account, reason }: { account: string | undefined; reason: string | undefined },
  signal: AbortSignal,
): Promise<Group[]> {
  const status = await readStatus(signal);
  const counts = failedCounts(status?.accounts ?? [], account).filter(
    (one) => reason === undefined || one.reason === reason,
  );
  return Promise.all(
    counts.map(async ({ reason, count }) => {
      const query = { reason, limit: NAMED, ...(account && { account }) };
      const { data } = await api.GET('/activations', { params: { query }, signal });
      return { reason, count, newest: data?.activations ?? [] };
    }),
  );
}

function GroupCard({ group, account }: { group: Group; account: string | undefined }) {
  const { reason, count, newest } = group;
  const now = useNow();
  const filter = { reason, ...(account && { account }) };
  return (
    <section class="card" aria-label={`Failed: ${reason}`}>
      <div class="part-head">
        <h2>
          <Badge tone="bad">{reason}</Badge> {countText(count)}
        </h2>
        <a href={linkTo('activations', { query: { status: 'failed', ...filter } })}>List</a>
      </div>
      <p>
        <strong>What now: </strong>
        {whatNowFor(reason)}
      </p>
      {messagesOf(newest)
        .slice(0, 2)
        .map(({ code, message }) => (
          <p key={code + message} class="said">
            <code>{code}</code> <q>{message}</q>
          </p>
        ))}
      <ul class="chips" aria-label={`Flow logs that failed: ${reason}`}>
        {newest.map(({ activationId, flowLogId, finishedAt, updatedAt }) => (
          <li key={activationId}>
            <a href={linkTo('activations', { id: activationId })}>{flowLogId}</a>{' '}
            <Time at={finishedAt ?? updatedAt} now={now} />
          </li>
        ))}
      </ul>
      {canRedriveHelp(reason) && (
        <div class="actions">
          <OperationButton request={{ action: 'redrive', filter }} count={countText(count)} />
        </div>
      )}
    </section>
  );
}
