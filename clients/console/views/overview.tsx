import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import { atLeast } from '../model/failures.ts';
import { linkTo } from '../model/route.ts';
import { HELD_NOW, whatNowFor } from '../model/what-now.ts';
import { ActivationsTable } from '../parts/activations-table.tsx';
import { Badge, Empty, PartHead, QueryState } from '../parts/basics.tsx';
import { readFailures } from './failures.tsx';

const LOOK_EVERY_MS = 5_000;

/** What is wrong now, and what happened last. */
export function OverviewView() {
  const now = useNow();
  const latest = useQuery('latest', (signal) => readList({ limit: 10 }, signal), { everyMs: LOOK_EVERY_MS });
  const wrong = useQuery('wrong', readWrong, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <div class="view-head">
        <h1>Overview</h1>
        {wrong.data?.length === 0 && <Badge tone="good">all is well</Badge>}
      </div>
      <QueryState query={wrong} />
      <ul class="issues" aria-label="What is wrong now">
        {wrong.data?.map(({ title, count, text, href }) => (
          <li key={title} class="card">
            <div class="part-head">
              <h2>
                <Badge tone="bad">{title}</Badge> {count}
              </h2>
              <a href={href}>Look</a>
            </div>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <PartHead title="Latest">
        <a href={linkTo('activations')}>All activations</a>
      </PartHead>
      <QueryState query={latest} />
      {latest.data && latest.data.activations.length > 0 && (
        <ActivationsTable caption="The latest activations" activations={latest.data.activations} now={now} />
      )}
      {latest.data?.activations.length === 0 && (
        <Empty>
          <p>Nobody has asked for a flow log yet.</p>
          <a href={linkTo('new')}>Activate flow logs</a>
        </Empty>
      )}
    </>
  );
}

async function readWrong(signal: AbortSignal) {
  const [held, drifted, failures] = await Promise.all([
    readList({ held: 'true', limit: 50 }, signal),
    readList({ drift: 'true', limit: 50 }, signal),
    readFailures(signal),
  ]);
  return [
    { title: 'held', list: held, text: HELD_NOW, href: linkTo('activations', { query: { held: 'true' } }) },
    { title: 'drifted', list: drifted, text: '', href: linkTo('activations', { query: { drift: 'true' } }) },
    ...failures.map(({ reason, activations, hasMore }) => ({
      title: `failed: ${reason}`,
      list: { activations, nextCursor: hasMore ? '' : undefined },
      text: whatNowFor(reason),
      href: linkTo('failures'),
    })),
  ]
    .filter(({ list }) => list.activations.length > 0)
    .map(({ list, ...issue }) => ({
      ...issue,
      count: atLeast(list.activations.length, list.nextCursor !== undefined),
    }));
}

async function readList(query: { held?: 'true'; drift?: 'true'; limit: number }, signal: AbortSignal) {
  const { data } = await api.GET('/activations', { params: { query }, signal });
  if (data === undefined) throw new TypeError('no body');
  return data;
}
