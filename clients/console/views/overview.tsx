import { api, readStatus } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import type { Status } from '../model/contract.ts';
import { countText } from '../model/failures.ts';
import { type Issue, issuesOf } from '../model/issues.ts';
import { linkTo } from '../model/route.ts';
import { AccountsTable } from '../parts/accounts-table.tsx';
import { ActivationsTable } from '../parts/activations-table.tsx';
import { Badge, Empty, PartHead, QueryState, Time } from '../parts/basics.tsx';
import { OperationButton } from '../parts/operation-button.tsx';

const LOOK_EVERY_MS = 5_000;
const LATEST = 8;

/** What is wrong now and what to do, then each account, the machinery, and what was asked last. */
export function OverviewView() {
  const now = useNow();
  const query = useQuery('status', readStatus, { everyMs: LOOK_EVERY_MS });
  const status = query.data;
  const issues = status ? issuesOf(status) : [];
  return (
    <>
      <div class="view-head">
        <h1>Overview</h1>
        {status && issues.length === 0 && <Badge tone="good">all is well</Badge>}
        {issues.length > 0 && (
          <Badge tone={issues.some(({ tone }) => tone === 'bad') ? 'bad' : 'alert'}>
            {issues.length === 1 ? 'one thing needs a look' : `${issues.length} things need a look`}
          </Badge>
        )}
      </div>
      <QueryState query={query} />
      {issues.length > 0 && (
        <ul class="issues" aria-label="What is wrong now">
          {issues.map((issue) => (
            <IssueCard key={issue.key} issue={issue} />
          ))}
        </ul>
      )}
      {status && (
        <section aria-label="Accounts">
          <PartHead title="Accounts" />
          <AccountsTable accounts={status.accounts} now={now} reload={query.reload} />
        </section>
      )}
      <Latest now={now} />
      {status && <Machinery status={status} now={now} />}
    </>
  );
}

function IssueCard({ issue: { tone, title, scope, text, href, operation } }: { issue: Issue }) {
  return (
    <li class={`card issue ${tone}`}>
      <div class="part-head">
        <h2>{title}</h2>
        <small>{scope}</small>
      </div>
      <p>{text}</p>
      <div class="actions">
        {href && (
          <a class="button" href={href}>
            Look
          </a>
        )}
        {operation && <OperationButton request={operation} isQuiet />}
      </div>
    </li>
  );
}

function Latest({ now }: { now: number }) {
  const params = { query: { limit: LATEST } };
  const latest = useQuery(
    'latest',
    async (signal) => (await api.GET('/activations', { params, signal })).data,
    {
      everyMs: LOOK_EVERY_MS,
    },
  );
  const activations = latest.data?.activations;
  return (
    <section aria-label="Latest">
      <PartHead title="Latest">
        <a href={linkTo('activations')}>All activations</a>
      </PartHead>
      <QueryState query={latest} />
      {activations && activations.length > 0 && (
        <ActivationsTable caption="The latest activations" activations={activations} now={now} />
      )}
      {activations?.length === 0 && (
        <Empty>
          <p>Nobody has asked for a flow log yet.</p>
          <a href={linkTo('new')}>Activate flow logs</a>
        </Empty>
      )}
    </section>
  );
}

/** Poller, bus, outbox and queues. */
function Machinery({ status, now }: { status: Status; now: number }) {
  const { poller, bus, outbox, queues, api: service } = status;
  return (
    <section aria-label="Machinery">
      <PartHead title="Machinery">
        <small>Version {service.version}</small>
      </PartHead>
      <dl class="facts narrow">
        <div>
          <dt>Poller</dt>
          <dd>
            {poller.lastTickAt ? (
              <>
                ticked <Time at={poller.lastTickAt} now={now} />
              </>
            ) : (
              'has not ticked yet'
            )}
            {!poller.nextTickAt && ', nothing is due'}
          </dd>
        </div>
        <div>
          <dt>Event bus</dt>
          <dd>{bus.state}</dd>
        </div>
        <div>
          <dt>Events to publish</dt>
          <dd>{countText(outbox.waiting)}</dd>
        </div>
        {queues.map(({ name, messages, inFlight, delayed }) => (
          <div key={name}>
            <dt>{QUEUE_NAMES[name]}</dt>
            <dd>
              {messages === undefined
                ? 'gave no answer'
                : `${messages} waiting${inFlight ? `, ${inFlight} in work` : ''}${delayed ? `, ${delayed} delayed` : ''}`}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const QUEUE_NAMES: Readonly<Record<Status['queues'][number]['name'], string>> = {
  activation: 'Jobs',
  deadLetter: 'Dead letters, kept 14 days',
  poison: 'Unreadable jobs',
  poll: 'Ticks',
  webhook: 'Webhooks',
  webhookDeadLetter: 'Webhooks given up, kept 14 days',
  webhookPoison: 'Unreadable webhooks',
};
