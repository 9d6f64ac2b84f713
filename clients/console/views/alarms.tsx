import { type LocalAlarm, local } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import type { Tone } from '../model/activation-state.ts';
import { Badge, QueryState, Time } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 3_000;

const STATES: Record<LocalAlarm['state'], { tone: Tone; text: string; order: number }> = {
  ALARM: { tone: 'bad', text: 'alarm', order: 0 },
  INSUFFICIENT_DATA: { tone: 'quiet', text: 'no data', order: 1 },
  OK: { tone: 'good', text: 'ok', order: 2 },
};

/** The alarms of the template, as the local world evaluates them. Those that are raised come first. */
export function AlarmsView() {
  const now = useNow();
  const query = useQuery('alarms', local.alarms, { everyMs: LOOK_EVERY_MS });
  const alarms = (query.data ?? []).toSorted((a, b) => STATES[a.state].order - STATES[b.state].order);
  return (
    <>
      <div class="view-head">
        <h1>Alarms</h1>
        <p class="hint">Of the template, in the local world only. Those of a stack are in CloudWatch</p>
      </div>
      <QueryState query={query} />
      <ul class="issues" aria-label="Alarms">
        {alarms.map((alarm) => (
          <AlarmCard key={alarm.name} alarm={alarm} now={now} />
        ))}
      </ul>
    </>
  );
}

function AlarmCard({ alarm, now }: { alarm: LocalAlarm; now: number }) {
  const { name, state, since, description } = alarm;
  const { tone, text } = STATES[state];
  const [what = '', runbook] = description.split(/ Runbook: /);
  return (
    <li class={state === 'ALARM' ? 'card issue bad' : 'card'}>
      <div class="part-head">
        <h2>
          {name} <Badge tone={tone}>{text}</Badge>
        </h2>
        <small>
          since <Time at={since} now={now} />
        </small>
      </div>
      <p>{what}</p>
      {runbook && (
        <p class="said">
          Runbook: <code>{runbook}</code>
        </p>
      )}
    </li>
  );
}
