import { api } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import type { OperationSummary } from '../model/contract.ts';
import { ACTION_TEXTS, describeFilter } from '../model/operations.ts';
import { linkTo } from '../model/route.ts';
import { Badge, Empty, Heads, QueryState, Time } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 3_000;

export const OPERATION_TONES = { running: 'wait', completed: 'good', aborted: 'alert' } as const;

/** The newest operations. They are started where their activations are shown. */
export function OperationsView() {
  const now = useNow();
  const query = useQuery('operations', async (signal) => (await api.GET('/operations', { signal })).data, {
    everyMs: LOOK_EVERY_MS,
  });
  const operations = query.data?.operations;
  return (
    <>
      <div class="view-head">
        <h1>Operations</h1>
        <p class="hint">One action for many activations</p>
      </div>
      <QueryState query={query} />
      {operations?.length === 0 && (
        <Empty>
          <p>There was none yet. Start one where its activations are:</p>
          <a href={linkTo('failures')}>what failed</a>,{' '}
          <a href={linkTo('activations', { query: { held: 'true' } })}>what is held</a>,{' '}
          <a href={linkTo('activations', { query: { status: 'queued' } })}>what is queued</a>
        </Empty>
      )}
      {operations && operations.length > 0 && (
        <table class="operations">
          <caption class="unseen">Operations, newest first</caption>
          <Heads
            columns={[
              'Operation',
              'State',
              ['Done', 'number'],
              ['Refused', 'number wide'],
              ['Asked', 'number'],
            ]}
          />
          <tbody>
            {operations.map((operation) => (
              <OperationRow key={operation.operationId} operation={operation} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function OperationRow({ operation, now }: { operation: OperationSummary; now: number }) {
  const { operationId, action, filter, status, done, refused, createdAt } = operation;
  return (
    <tr>
      <th scope="row">
        <a href={linkTo('operations', { id: operationId })}>{ACTION_TEXTS[action].label}</a>
        <small>{describeFilter(filter)}</small>
      </th>
      <td>
        <Badge tone={OPERATION_TONES[status]}>{status}</Badge>
      </td>
      <td class="number">{done}</td>
      <td class="number wide">{refused}</td>
      <td class="number">
        <Time at={createdAt} now={now} />
      </td>
    </tr>
  );
}
