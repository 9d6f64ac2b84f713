import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { useAction } from '../hooks.ts';
import type { Tone } from '../model/activation-state.ts';
import type { AccountStatus, Count } from '../model/contract.ts';
import { countText } from '../model/failures.ts';
import { linkTo } from '../model/route.ts';
import { Badge, Heads, Notice, Time } from './basics.tsx';
import { ConfirmButton } from './confirm-button.tsx';

const TONES: Record<AccountStatus['state'], Tone> = {
  ok: 'good',
  held: 'alert',
  paused: 'alert',
  throttled: 'wait',
};

type Props = { accounts: AccountStatus[]; now: number; reload: () => void };

/** The accounts of Volcengine, by state. Each count leads to its list. */
export function AccountsTable({ accounts, now, reload }: Props) {
  return (
    <table class="accounts">
      <caption class="unseen">Accounts</caption>
      <Heads
        columns={[
          'Account',
          ['Queued', 'number'],
          ['Pending', 'number'],
          ['Held', 'number wide'],
          ['Failed', 'number'],
          ['Drifted', 'number wide'],
          ['Calls/s', 'number wide'],
          ['Last call', 'number wide'],
          ['Pause', 'number'],
        ]}
      />
      <tbody>
        {accounts.map((one) => (
          <AccountRow key={one.account} one={one} now={now} reload={reload} />
        ))}
      </tbody>
    </table>
  );
}

function AccountRow({ one, now, reload }: { one: AccountStatus; now: number; reload: () => void }) {
  const { account, state, open, pending, held, failed, drifted, ratePerSecond, queuedUntil } = one;
  const failedCount = failed.reduce((sum, { count }) => sum + count.count, 0);
  const isCut = failed.some(({ count }) => count.atLeast);
  const queued = { ...open, count: Math.max(0, open.count - pending.count) };
  return (
    <tr>
      <th scope="row">
        <a href={linkTo('activations', { query: { account } })}>{account}</a>
        <div>
          <Badge tone={TONES[state]}>{state}</Badge>
        </div>
      </th>
      <CountCell count={queued} href={linkTo('activations', { query: { status: 'queued', account } })} />
      <CountCell count={pending} href={linkTo('activations', { query: { status: 'pending', account } })} />
      <CountCell count={held} href={linkTo('activations', { query: { held: 'true', account } })} isWide />
      <CountCell
        count={{ count: failedCount, ...(isCut && { atLeast: true }) }}
        href={linkTo('failures', { query: { account } })}
      />
      <CountCell count={drifted} href={linkTo('activations', { query: { drift: 'true', account } })} isWide />
      <td class="number wide">{Number(ratePerSecond.toFixed(1))}</td>
      <td class="number wide">{queuedUntil ? <Time at={queuedUntil} now={now} /> : '–'}</td>
      <td class="number">
        <PauseButton account={account} isPaused={state === 'paused'} reload={reload} />
      </td>
    </tr>
  );
}

type CountCellProps = { count: Count; href: string; isWide?: boolean };

function CountCell({ count, href, isWide = false }: CountCellProps) {
  return (
    <td class={isWide ? 'number wide' : 'number'}>
      {count.count === 0 && !count.atLeast ? '0' : <a href={href}>{countText(count)}</a>}
    </td>
  );
}

function PauseButton({
  account,
  isPaused,
  reload,
}: {
  account: string;
  isPaused: boolean;
  reload: () => void;
}) {
  const why = useRef<HTMLInputElement>(null);
  const action = useAction();
  const params = { path: { alias: account } };
  const pause = () =>
    action.run(async () => {
      const text = why.current?.value.trim();
      await api.PUT('/accounts/{alias}/pause', { params, body: text ? { why: text } : {} });
      reload();
      return 'Paused.';
    });
  const resume = () =>
    action.run(async () => {
      await api.DELETE('/accounts/{alias}/pause', { params });
      reload();
      return 'Resumed.';
    });
  const error = action.notice?.tone === 'bad' && <Notice tone="bad">{action.notice.text}</Notice>;
  if (isPaused) {
    return (
      <>
        <ConfirmButton
          label="Resume"
          question={`Resume ${account}?`}
          disabled={action.isRunning}
          onConfirm={resume}
        >
          What waits goes on within half a minute, at the rate of the account.
        </ConfirmButton>
        {error}
      </>
    );
  }
  return (
    <>
      <ConfirmButton
        label="Pause"
        question={`Pause ${account}?`}
        isQuiet
        disabled={action.isRunning}
        onConfirm={pause}
      >
        <p>Requests are taken and stored, nothing is called. Deadlines end nothing meanwhile.</p>
        <label>
          Why, for others to read
          <input ref={why} maxLength={500} autocomplete="off" />
        </label>
      </ConfirmButton>
      {error}
    </>
  );
}
