import type { ComponentChildren } from 'preact';
import type { Activation } from '../../http/api.ts';
import type { About } from '../about.ts';
import { linkTo } from '../model/route.ts';

/** Deliveries to webhook endpoints are in the logs alone. */
export function Deliveries({ activation, about }: { activation: Activation; about: About | undefined }) {
  const { published = [], flowLogId } = activation;
  if (published.length === 0 || about === undefined) return null;
  const query = 'the way of one flow log';
  return (
    <p class="hint">
      What webhook endpoints got is not stored.{' '}
      {about.isLocal ? (
        <>
          The log of <code>npm start</code> has it: lines of <code>send-webhooks</code> with{' '}
          <code>{flowLogId}</code>.
        </>
      ) : (
        <>
          The saved query {about.queriesUrl ? <a href={about.queriesUrl}>{query}</a> : `“${query}”`} of
          CloudWatch Logs Insights shows it, with <code>{flowLogId}</code> in place of its id.
        </>
      )}
    </p>
  );
}

/** All that is stored of it, but its history. */
export function Facts({ activation }: { activation: Activation }) {
  const { activationId, account, region, source, requestedBy, batchIds, generation, attempts } = activation;
  const { requestId, asyncTaskId, metadata, createdAt, updatedAt, deadlineAt, flowLogId } = activation;
  const pairs = Object.entries(metadata);
  const rows: [string, ComponentChildren][] = [
    ['Activation', <code key="id">{activationId}</code>],
    ['Direction', activation.desired && 'Deactivation: to Inactive'],
    ['Account and region', `${account} · ${region}`],
    ['Asked by', requestedBy ?? source],
    ['Source', source],
    [
      'Batches',
      batchIds.map((batchId) => (
        <a key={batchId} class="line" href={linkTo('batches', { id: batchId })}>
          {batchId}
        </a>
      )),
    ],
    ['Generation, calls', `${generation}, ${attempts}`],
    [
      'Metadata',
      pairs.length > 0 &&
        pairs.map(([key, value]) => <code key={key} class="line">{`${key}: ${value}`}</code>),
    ],
    ['Volcengine request', requestId && <code>{requestId}</code>],
    ['Volcengine task', asyncTaskId && <code>{asyncTaskId}</code>],
    ['Created', createdAt],
    ['Changed', updatedAt],
    ['Deadline', deadlineAt],
    [
      'History',
      <a key="all" href={linkTo('activations', { query: { flowLogId, account, region } })}>
        All activations of this flow log
      </a>,
    ],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
