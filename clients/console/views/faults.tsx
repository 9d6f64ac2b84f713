import { fake } from '../api.ts';
import { useAction, useQuery } from '../hooks.ts';
import {
  describeFault,
  type FaultSwitch,
  isOf,
  type PlannedFault,
  SWITCHES,
  withoutSwitch,
} from '../model/faults.ts';
import { Notice, PartHead, QueryState } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 2_000;

/** What the fake Volcengine of the local world does wrong, each with a switch. */
export function FaultsView() {
  const query = useQuery('faults', fake.faults, { everyMs: LOOK_EVERY_MS });
  const action = useAction();
  const planned = query.data ?? [];
  const toggle = (one: FaultSwitch, isOn: boolean) =>
    action.run(async () => {
      const rest = withoutSwitch(planned, one);
      await fake.setFaults(isOn ? rest : [...rest, one.fault]);
      query.reload();
      return `${one.name}: ${isOn ? 'off' : 'on'}`;
    });
  const others = planned.filter((each) => !SWITCHES.some((one) => isOf(each, one)));
  return (
    <>
      <div class="view-head">
        <h1>Faults of the fake Volcengine</h1>
        <p class="hint">In the local world only</p>
      </div>
      <QueryState query={query} />
      <ul class="switches">
        {SWITCHES.map((one) => (
          <Switch
            key={one.name}
            one={one}
            planned={planned.find((each) => isOf(each, one))}
            disabled={query.data === undefined || action.isRunning}
            onToggle={toggle}
          />
        ))}
      </ul>
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
      {others.length > 0 && <OtherFaults faults={others} />}
      <FlowLogForm />
    </>
  );
}

type SwitchProps = {
  one: FaultSwitch;
  planned: PlannedFault | undefined;
  disabled: boolean;
  onToggle: (one: FaultSwitch, isOn: boolean) => void;
};

function Switch({ one, planned, disabled, onToggle }: SwitchProps) {
  const isOn = planned !== undefined;
  return (
    <li>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          checked={isOn}
          disabled={disabled}
          onChange={() => onToggle(one, isOn)}
        />
        <span>
          {one.name}
          <small>{one.effect}</small>
        </span>
        {planned && <small class="number">{planned.strikes} calls struck</small>}
      </label>
    </li>
  );
}

function OtherFaults({ faults }: { faults: PlannedFault[] }) {
  return (
    <section aria-label="Other faults">
      <PartHead title="Other faults" />
      <ul class="plain">
        {faults.map(({ faultId, fault, strikes }) => (
          <li key={faultId}>
            <code>{describeFault(fault)}</code> · {strikes} calls struck
          </li>
        ))}
      </ul>
    </section>
  );
}

const KINDS: Record<string, Record<string, unknown>> = {
  'can be activated': {},
  'takes 30 s to become Active': { pendingMs: 30_000 },
  'is frozen': { frozen: true },
  'is being deleted': { status: 'Deleting' },
  'becomes Failed': { activatesTo: 'Failed' },
  'is Active already': { status: 'Active' },
  'does not exist': { status: 'Absent' },
};

function FlowLogForm() {
  const action = useAction();
  const put = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const flowLogId = String(form.get('flowLogId')).trim();
    const kind = String(form.get('kind'));
    void action.run(async () => {
      await fake.putFlowLog({ region: 'cn-beijing', flowLogId, ...KINDS[kind] });
      return `${flowLogId} ${kind}.`;
    });
  };
  return (
    <section aria-label="A flow log">
      <PartHead title="A flow log in the fake" />
      <form class="filters" onSubmit={put}>
        <label>
          Flow log in cn-beijing
          <input name="flowLogId" required autocomplete="off" spellcheck={false} placeholder="fl-cold" />
        </label>
        <label>
          What it is
          <select name="kind">
            {Object.keys(KINDS).map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <button type="submit" class="button" disabled={action.isRunning}>
          Put
        </button>
      </form>
      {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
    </section>
  );
}
