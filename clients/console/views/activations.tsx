import { REASONS } from '../../http/what-now.ts';
import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import { operationsFor } from '../model/operations.ts';
import { type Filters, filtersOf, linkTo } from '../model/route.ts';
import { fromLocalField, toLocalField } from '../model/time.ts';
import { ActivationsTable } from '../parts/activations-table.tsx';
import { Empty, QueryState, Unreadable } from '../parts/basics.tsx';
import { OperationButton } from '../parts/operation-button.tsx';

/** So many rows are drawn at once, whatever the list holds. */
const PAGE_ROWS = 100;
const LOOK_EVERY_MS = 3_000;

/** The list, with all its filters and its page in the URL. The first page is live. */
export function ActivationsView({ query }: { query: Record<string, string> }) {
  const filters = filtersOf(query);
  const { cursor } = query;
  const now = useNow();
  const parameters = { ...filters, limit: PAGE_ROWS, ...(cursor && { cursor }) };
  const list = useQuery(
    JSON.stringify(parameters),
    async (signal) =>
      (await api.GET('/activations', { params: { query: parameters as object }, signal })).data,
    { everyMs: cursor === undefined ? LOOK_EVERY_MS : undefined },
  );
  const page = list.data;
  return (
    <>
      <div class="view-head">
        <h1>Activations</h1>
        <p class="hint">{cursor === undefined ? 'Newest first, live' : 'An older page'}</p>
      </div>
      <FilterForm filters={filters} />
      <QueryState query={list} />
      {page && page.activations.length > 0 && <BulkActions filters={filters} />}
      {page && <Unreadable flowLogs={page.unreadable} />}
      {page && page.activations.length > 0 && (
        <ActivationsTable caption="Activations" activations={page.activations} now={now} />
      )}
      {page && page.activations.length === 0 && (
        <NothingHere filters={filters} hasMore={page.nextCursor !== undefined} />
      )}
      {page && (
        <nav class="pages" aria-label="Pages">
          {cursor && <a href={linkTo('activations', { query: filters })}>Newest</a>}
          {page.nextCursor && (
            <a href={linkTo('activations', { query: { ...filters, cursor: page.nextCursor } })}>Older</a>
          )}
        </nav>
      )}
    </>
  );
}

/** What may be done with all that fit the filters, also those on other pages. */
function BulkActions({ filters }: { filters: Filters }) {
  const requests = operationsFor(filters);
  if (requests.length === 0) return null;
  return (
    <div class="actions">
      {requests.map((request) => (
        <OperationButton key={request.action} request={request} />
      ))}
      <small>for everything that fits the filters</small>
    </div>
  );
}

function NothingHere({ filters, hasMore }: { filters: Filters; hasMore: boolean }) {
  if (hasMore) return <Empty>Nothing on this page fits. Older ones may.</Empty>;
  if (Object.keys(filters).length > 0) {
    return (
      <Empty>
        <p>No activation fits these filters.</p>
        <a href={linkTo('activations')}>Show all</a>
      </Empty>
    );
  }
  return (
    <Empty>
      <p>Nobody has asked for a flow log yet.</p>
      <a href={linkTo('new')}>Activate flow logs</a>
    </Empty>
  );
}

/** Filters that are folded away while none of them is set. */
const MORE = ['account', 'region', 'batchId', 'createdFrom', 'createdUntil'] as const;

/** Each change is a new address, so that the browser's own buttons go through them. */
function FilterForm({ filters }: { filters: Filters }) {
  const set = (change: Filters) => {
    location.hash = linkTo('activations', { query: filtersOf({ ...filters, ...change }) });
  };
  const attention = filters.held ? 'held' : filters.drift ? 'drift' : '';
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="State"
        value={filters.status ?? ''}
        options={['queued', 'pending', 'completed', 'failed']}
        onPick={(status) => set({ status, ...(status !== 'failed' && { reason: '' }) })}
      />
      <Choice
        label="Reason"
        value={filters.reason ?? ''}
        options={REASONS}
        onPick={(reason) => set({ reason, ...(reason && { status: 'failed' }) })}
      />
      <Choice
        label="Attention"
        value={attention}
        options={['held', 'drift']}
        onPick={(one) => set({ held: one === 'held' ? 'true' : '', drift: one === 'drift' ? 'true' : '' })}
      />
      <Text label="Flow log" value={filters.flowLogId} onGive={(flowLogId) => set({ flowLogId })} />
      <details class="more" open={MORE.some((name) => filters[name] !== undefined)}>
        <summary>More filters</summary>
        <div class="filters">
          <Text label="Account" value={filters.account} onGive={(account) => set({ account })} />
          <Text label="Region" value={filters.region} onGive={(region) => set({ region })} />
          <Text label="Batch" value={filters.batchId} onGive={(batchId) => set({ batchId })} />
          <Moment label="From" value={filters.createdFrom} onGive={(createdFrom) => set({ createdFrom })} />
          <Moment
            label="Until"
            value={filters.createdUntil}
            onGive={(createdUntil) => set({ createdUntil })}
          />
        </div>
      </details>
      {Object.keys(filters).length > 0 && (
        <a class="clear" href={linkTo('activations')}>
          Clear all
        </a>
      )}
    </form>
  );
}

type ChoiceProps = {
  label: string;
  value: string;
  options: readonly string[];
  onPick: (value: string) => void;
};

function Choice({ label, value, options, onPick }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        <option value="">all</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

type TextProps = { label: string; value: string | undefined; onGive: (value: string) => void };

function Text({ label, value = '', onGive }: TextProps) {
  const give = (event: { currentTarget: HTMLInputElement }) => onGive(event.currentTarget.value.trim());
  return (
    <label>
      {label}
      <input type="search" autocomplete="off" spellcheck={false} value={value} onChange={give} />
    </label>
  );
}

function Moment({ label, value, onGive }: TextProps) {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        value={toLocalField(value)}
        onChange={(event) => onGive(fromLocalField(event.currentTarget.value) ?? '')}
      />
    </label>
  );
}
