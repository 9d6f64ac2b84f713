import { api } from '../api.ts';
import { useAction, useNow, useQuery } from '../hooks.ts';
import type { Operation } from '../model/contract.ts';
import { ACTION_TEXTS, describeFilter, nameOf } from '../model/operations.ts';
import { linkTo } from '../model/route.ts';
import { Badge, Heads, Notice, PartHead, QueryState, Time } from '../parts/basics.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { OPERATION_TONES } from './operations.tsx';

const LOOK_EVERY_MS = 1_500;

/** One operation: how far it is, what was refused and why. It can be aborted. */
export function OperationView({
  operationId,
  query,
}: {
  operationId: string;
  query: Record<string, string>;
}) {
  const { cursor } = query;
  const params = { path: { operationId }, ...(cursor && { query: { cursor } }) };
  const read = useQuery(
    `${operationId} ${cursor}`,
    async (signal) => (await api.GET('/operations/{operationId}', { params, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const operation = read.data;
  return (
    <>
      <div class="view-head">
        <h1>
          {operation
            ? `${ACTION_TEXTS[operation.action].label}: ${describeFilter(operation.filter)}`
            : operationId}
        </h1>
        {operation && <Badge tone={OPERATION_TONES[operation.status]}>{operation.status}</Badge>}
      </div>
      <QueryState query={read} />
      {operation && <Progress operation={operation} reload={read.reload} />}
      {operation && operation.refusals.length > 0 && <Refusals operation={operation} />}
    </>
  );
}

function Progress({ operation, reload }: { operation: Operation; reload: () => void }) {
  const { operationId, status, looked, done, refused, requestedBy, abortedBy, createdAt, finishedAt, limit } =
    operation;
  const now = useNow();
  const action = useAction();
  const abort = () =>
    action.run(async () => {
      await api.DELETE('/operations/{operationId}', { params: { path: { operationId } } });
      reload();
      return 'It takes nothing more in hand.';
    });
  return (
    <section class="card" aria-label="Progress">
      <ul class="figures" aria-live="polite">
        <li>
          <strong>{looked}</strong> looked at
        </li>
        <li>
          <strong>{done}</strong> done
        </li>
        <li>
          <strong>{refused}</strong> refused
        </li>
      </ul>
      <p>
        Asked <Time at={createdAt} now={now} /> by {requestedBy}
        {limit !== undefined && `, at most ${limit}`}.{abortedBy && ` Aborted by ${abortedBy}.`}
        {finishedAt && (
          <>
            {' '}
            Ended <Time at={finishedAt} now={now} />.
          </>
        )}
      </p>
      {status === 'running' && (
        <div class="actions">
          <ConfirmButton
            label="Abort"
            question="Abort this operation?"
            isDanger
            disabled={action.isRunning}
            onConfirm={abort}
          >
            It takes nothing more in hand. What is done stays done.
          </ConfirmButton>
        </div>
      )}
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
    </section>
  );
}

function Refusals({ operation: { operationId, refusals, nextCursor } }: { operation: Operation }) {
  return (
    <section aria-label="Refused">
      <PartHead title="Refused" />
      <table>
        <caption class="unseen">Refused activations</caption>
        <Heads columns={['Activation', 'Why']} />
        <tbody>
          {refusals.map(({ activationId, why }) => (
            <tr key={activationId}>
              <th scope="row">
                <a href={linkTo('activations', { id: activationId })}>{nameOf(activationId).flowLogId}</a>
                <small>{nameOf(activationId).scope}</small>
              </th>
              <td>{why}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {nextCursor && (
        <nav class="pages" aria-label="Pages">
          <a href={linkTo('operations', { id: operationId, query: { cursor: nextCursor } })}>More</a>
        </nav>
      )}
    </section>
  );
}
