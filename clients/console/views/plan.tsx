import { api } from '../api.ts';
import { useAction, useNow, useQuery } from '../hooks.ts';
import type { Tone } from '../model/activation-state.ts';
import type { Plan } from '../model/contract.ts';
import { linkTo } from '../model/route.ts';
import { Badge, Notice, PartHead, QueryState, Time } from '../parts/basics.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

const LOOK_EVERY_MS = 5_000;

const CATEGORIES: [keyof Plan['counts'], Tone, string][] = [
  ['wouldActivate', 'wait', 'would be activated'],
  ['alreadyOpen', 'quiet', 'asked for already'],
  ['alreadyActive', 'good', 'Active already'],
  ['frozen', 'bad', 'frozen'],
  ['deleting', 'bad', 'being deleted'],
  ['otherStatus', 'quiet', 'of a status that was not asked for'],
];

/** A plan: what it selects and found, whether it was executed, and its execution. */
export function PlanView({ planId }: { planId: string }) {
  const now = useNow();
  const query = useQuery(
    planId,
    async (signal) => (await api.GET('/plans/{planId}', { params: { path: { planId } }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const plan = query.data;
  return (
    <>
      <div class="view-head">
        <h1 class="id">{planId}</h1>
        {plan && (
          <Badge tone={plan.execution ? 'good' : 'quiet'}>
            {plan.execution ? 'executed' : 'not executed'}
          </Badge>
        )}
      </div>
      <QueryState query={query} />
      {plan && <Execution plan={plan} now={now} reload={query.reload} />}
      {plan && <Found plan={plan} />}
    </>
  );
}

function Execution({ plan, now, reload }: { plan: Plan; now: number; reload: () => void }) {
  const { planId, createdAt, requestedBy, selector, counts, execution } = plan;
  const action = useAction();
  const execute = () =>
    action.run(async () => {
      await api.POST('/batches', { body: { planId } });
      reload();
      return 'It is executed.';
    });
  return (
    <section class="card" aria-label="Execution">
      <p>
        Made <Time at={createdAt} now={now} />
        {requestedBy && ` by ${requestedBy}`}, of what matches <code>{JSON.stringify(selector)}</code>
      </p>
      {execution ? (
        <>
          <p>
            Executed <Time at={execution.at} now={now} />
            {execution.requestedBy && ` by ${execution.requestedBy}`}
            {execution.batchIds.length === 0 && ': there was nothing to start'}
          </p>
          {execution.batchIds.map((batchId) => (
            <a key={batchId} class="line" href={linkTo('batches', { id: batchId })}>
              {batchId}
            </a>
          ))}
        </>
      ) : (
        <div class="actions">
          <ConfirmButton
            label={`Execute ${counts.wouldActivate}`}
            question={`Activate ${counts.wouldActivate} flow logs?`}
            disabled={action.isRunning}
            onConfirm={execute}
          >
            The flow logs are found again first. If they are not the same ones any more, nothing is started,
            and the difference is said.
          </ConfirmButton>
        </div>
      )}
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
    </section>
  );
}

function Found({ plan: { counts, ids, more } }: { plan: Plan }) {
  return (
    <>
      <PartHead title="What it found">{more && <small>the first 100 of each</small>}</PartHead>
      {CATEGORIES.filter(([category]) => counts[category] > 0).map(([category, tone, text]) => (
        <section key={category} class="card" aria-label={text}>
          <p>
            <Badge tone={tone}>{text}</Badge> {counts[category]}
          </p>
          <ul class="chips" aria-label={`Flow logs: ${text}`}>
            {ids[category].map((flowLogId) => (
              <li key={flowLogId}>
                <a href={linkTo('activations', { query: { flowLogId } })}>{flowLogId}</a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
