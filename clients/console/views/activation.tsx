import type { Activation } from '../../http/api.ts';
import type { About } from '../about.ts';
import { api } from '../api.ts';
import { useAction, useNow, useQuery } from '../hooks.ts';
import { stateOf } from '../model/activation-state.ts';
import { canRedriveHelp } from '../model/failures.ts';
import { duration } from '../model/time.ts';
import { type Step, timelineOf } from '../model/timeline.ts';
import { whatNow } from '../model/what-now.ts';
import { Deliveries, Facts } from '../parts/activation-facts.tsx';
import { Notice, PartHead, QueryState, StateBadge, Time } from '../parts/basics.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

const LOOK_EVERY_MS = 2_000;

/** One activation: what is to be done now, its way from the request to its events, and everything that is stored of it. */
export function ActivationView({ activationId, about }: { activationId: string; about: About | undefined }) {
  const path = { activationId };
  const query = useQuery(
    activationId,
    async (signal) => (await api.GET('/activations/{activationId}', { params: { path }, signal })).data,
    { everyMs: LOOK_EVERY_MS },
  );
  const activation = query.data;
  return (
    <>
      <div class="view-head">
        <h1>{activation?.flowLogId ?? activationId}</h1>
        {activation && <StateBadge state={stateOf(activation)} />}
      </div>
      <QueryState query={query} />
      {activation && <Details activation={activation} about={about} reload={query.reload} />}
    </>
  );
}

type DetailsProps = { activation: Activation; about: About | undefined; reload: () => void };

function Details({ activation, about, reload }: DetailsProps) {
  const now = useNow();
  const { tone, title, text } = whatNow(activation, now);
  const { lastError } = activation;
  return (
    <>
      <section aria-label="What now">
        <Notice tone={tone} title={title}>
          <p>{text}</p>
          {lastError && activation.status !== 'completed' && (
            <p class="said">
              Volcengine: <q>{lastError.message}</q>
            </p>
          )}
          <Actions activation={activation} reload={reload} />
        </Notice>
      </section>
      <section aria-label="Timeline">
        <PartHead title="Timeline" />
        <Timeline steps={timelineOf(activation)} now={now} />
        <Deliveries activation={activation} about={about} />
      </section>
      <section aria-label="Details">
        <PartHead title="Details" />
        <Facts activation={activation} />
      </section>
    </>
  );
}

function Actions({ activation, reload }: { activation: Activation; reload: () => void }) {
  const { activationId, flowLogId, status, reason = 'unexpected', generation } = activation;
  const { desired = 'Active' } = activation;
  const action = useAction();
  const params = { path: { activationId } };
  const redrive = () =>
    action.run(async () => {
      const { data } = await api.POST('/activations/{activationId}/redrive', {
        params,
        body: { generation },
      });
      reload();
      return data?.status === 'completed'
        ? `It was ${desired} already, and is completed.`
        : 'It is queued again.';
    });
  const cancel = () =>
    action.run(async () => {
      await api.DELETE('/activations/{activationId}', { params });
      reload();
      return 'It is cancelled.';
    });
  return (
    <>
      {status === 'failed' && (
        <div class="actions">
          <ConfirmButton
            label="Redrive"
            question={`Redrive ${flowLogId}?`}
            disabled={action.isRunning}
            onConfirm={redrive}
          >
            DescribeFlowLogs is asked first: if it is {desired} by now, it completes at once. Otherwise it is
            queued again, as generation {generation + 1}.
            {desired === 'Inactive' ? ' It switches the flow log off.' : ''}
            {canRedriveHelp(reason) ? '' : ` After ${reason} this rarely helps.`}
          </ConfirmButton>
        </div>
      )}
      {status === 'queued' && (
        <div class="actions">
          <ConfirmButton
            label="Cancel"
            question={`Cancel ${flowLogId}?`}
            isDanger
            disabled={action.isRunning}
            onConfirm={cancel}
          >
            It fails as <code>cancelled</code>, and its subscribers get the failed event. A redrive can open
            it again.
          </ConfirmButton>
        </div>
      )}
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
    </>
  );
}

function Timeline({ steps, now }: { steps: Step[]; now: number }) {
  const generations = new Set(steps.map(({ generation }) => generation)).size;
  return (
    <ol class="timeline">
      {steps.map((step, index) => (
        <li key={`${step.at}${step.title}`} class={`step ${step.tone}${step.isPlanned ? ' planned' : ''}`}>
          <div class="what">
            {generations > 1 && steps[index - 1]?.generation !== step.generation && (
              <small class="generation">Generation {step.generation}</small>
            )}
            <span>{step.title}</span>
            {step.details.length > 0 && <small>{step.details.join(' · ')}</small>}
          </div>
          <div class="when">
            <Time at={step.at} now={now} />
            {step.afterMs !== undefined && <small>+{duration(step.afterMs)}</small>}
          </div>
        </li>
      ))}
    </ol>
  );
}
