import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import { recentBatches } from '../model/recent-batches.ts';
import { linkTo } from '../model/route.ts';
import { Empty, Heads, QueryState, Time } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 5_000;
/** The activations of a page, whose batches are listed: the API has no list of batches. */
const LOOKED = 200;

/** The batches, newest first, a page of activations at a time. Opens a batch or a plan by its id. */
export function BatchesView({ query: { cursor } }: { query: Record<string, string> }) {
  const now = useNow();
  const parameters = { limit: LOOKED, ...(cursor && { cursor }) };
  const query = useQuery(
    `batches ${cursor ?? ''}`,
    async (signal) => (await api.GET('/activations', { params: { query: parameters }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const batches = recentBatches(query.data?.activations ?? []);
  const { nextCursor } = query.data ?? {};
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get('id');
    const id = String(given ?? '').trim();
    if (id !== '') location.hash = linkTo(id.startsWith('p-') ? 'plans' : 'batches', { id });
  };
  return (
    <>
      <div class="view-head">
        <h1>Batches</h1>
        <p class="hint">Of {cursor === undefined ? `the newest ${LOOKED}` : `${LOOKED} older`} activations</p>
      </div>
      <form class="filters" aria-label="Open a batch or a plan" onSubmit={open}>
        <label class="long">
          Id of a batch or a plan
          <input name="id" type="search" autocomplete="off" spellcheck={false} placeholder="b-… or p-…" />
        </label>
        <button type="submit" class="button">
          Open
        </button>
      </form>
      <QueryState query={query} />
      {query.data && batches.length === 0 && <Empty>There is no batch yet.</Empty>}
      {batches.length > 0 && (
        <table class="batches">
          <caption class="unseen">Batches, newest first</caption>
          <Heads columns={['Batch', ['Asked by', 'wide'], ['Opened', 'number'], ['Asked', 'number']]} />
          <tbody>
            {batches.map(({ batchId, createdAt, source, requestedBy, shown }) => (
              <tr key={batchId}>
                <th scope="row">
                  <a href={linkTo('batches', { id: batchId })}>{batchId}</a>
                  <small>{source}</small>
                </th>
                <td class="wide">{requestedBy}</td>
                <td class="number">{shown}</td>
                <td class="number">
                  <Time at={createdAt} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <nav class="pages" aria-label="Pages">
        {cursor && <a href={linkTo('batches')}>Newest</a>}
        {nextCursor && <a href={linkTo('batches', { query: { cursor: nextCursor } })}>Older</a>}
      </nav>
    </>
  );
}
