import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import { recentBatches } from '../model/recent-batches.ts';
import { linkTo } from '../model/route.ts';
import { Empty, Heads, QueryState, Time } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 5_000;
/** The newest activations, whose batches are listed: the API has no list of batches. */
const LOOKED = 200;

export function BatchesView() {
  const now = useNow();
  const query = useQuery(
    'batches',
    async (signal) => (await api.GET('/activations', { params: { query: { limit: LOOKED } }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const batches = recentBatches(query.data?.activations ?? []);
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const id = new FormData(event.currentTarget as HTMLFormElement).get('batchId');
    if (typeof id === 'string' && id.trim() !== '') location.hash = linkTo('batches', { id: id.trim() });
  };
  return (
    <>
      <div class="view-head">
        <h1>Batches</h1>
        <p class="hint">Of the newest {LOOKED} activations</p>
      </div>
      <form class="filters" aria-label="Open a batch" onSubmit={open}>
        <label class="long">
          Batch id
          <input name="batchId" type="search" autocomplete="off" spellcheck={false} placeholder="b-…" />
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
    </>
  );
}
