import type { Batch } from '../../http/api.ts';
import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import type { Tone } from '../model/activation-state.ts';
import { linkTo } from '../model/route.ts';
import { ActivationsTable } from '../parts/activations-table.tsx';
import { Badge, PartHead, QueryState, Unreadable } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 2_000;
const PAGE_ROWS = 100;

const STATES: [keyof Batch['counts'], Tone][] = [
  ['completed', 'good'],
  ['failed', 'bad'],
  ['pending', 'wait'],
  ['queued', 'quiet'],
];

/** How far a batch is, and its activations in the order of the request. */
export function BatchView({ batchId, query }: { batchId: string; query: Record<string, string> }) {
  const now = useNow();
  const { cursor } = query;
  const batch = useQuery(
    batchId,
    async (signal) => (await api.GET('/batches/{batchId}', { params: { path: { batchId } }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const parameters = { batchId, limit: PAGE_ROWS, ...(cursor && { cursor }) };
  const list = useQuery(
    JSON.stringify(parameters),
    async (signal) => (await api.GET('/activations', { params: { query: parameters }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  return (
    <>
      <div class="view-head">
        <h1 class="id">{batchId}</h1>
        {batch.data && (
          <Badge tone={batch.data.done ? 'good' : 'wait'}>{batch.data.done ? 'done' : 'in progress'}</Badge>
        )}
      </div>
      <QueryState query={batch} />
      {batch.data && <Progress batch={batch.data} />}
      <PartHead title="Activations" />
      <QueryState query={list} />
      {list.data && (
        <ActivationsTable caption="Activations of the batch" activations={list.data.activations} now={now} />
      )}
      <nav class="pages" aria-label="Pages">
        {cursor && <a href={linkTo('batches', { id: batchId })}>First</a>}
        {list.data?.nextCursor && (
          <a href={linkTo('batches', { id: batchId, query: { cursor: list.data.nextCursor } })}>More</a>
        )}
      </nav>
    </>
  );
}

function Progress({ batch }: { batch: Batch }) {
  const { total, counts, unreadable, requestedBy } = batch;
  const ended = counts.completed + counts.failed;
  return (
    <section class="card" aria-label="Progress">
      <p>
        <strong>
          {ended} of {total}
        </strong>{' '}
        have ended{requestedBy && `, asked by ${requestedBy}`}
      </p>
      <svg
        class="progress"
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${ended} of ${total}`}
      >
        {barsOf(batch).map(({ state, tone, from, width }) => (
          <rect key={state} class={tone} x={from} width={width} height="1" />
        ))}
      </svg>
      <ul class="counts">
        {STATES.map(([state, tone]) => (
          <li key={state}>
            <Badge tone={tone}>{state}</Badge> {counts[state]}
          </li>
        ))}
      </ul>
      <Unreadable flowLogs={unreadable} />
    </section>
  );
}

function barsOf({ total, counts }: Batch) {
  let from = 0;
  return STATES.map(([state, tone]) => {
    const width = (100 * counts[state]) / total;
    const bar = { state, tone, from, width };
    from += width;
    return bar;
  });
}
