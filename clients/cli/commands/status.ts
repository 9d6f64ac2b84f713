import type { components } from '../../../contracts/openapi.d.ts';
import { given } from '../../http/api.ts';
import { printable } from '../../terminal/printable.ts';
import { defineCommand, EXIT } from '../command.ts';
import { accountStateOf, configurationFact } from '../configuration-facts.ts';
import { shortTime } from '../describe.ts';
import { type Output, type Row, tableLines } from '../output.ts';

type Schemas = components['schemas'];
type Report = Schemas['StatusReport'];
type Account = Report['accounts'][number];

const STYLES = { ok: 'green', held: 'red', disabled: 'red', paused: 'yellow', throttled: 'yellow' } as const;

export const status = defineCommand({
  name: 'status',
  group: 'Look',
  summary: 'show how the service and each account are, in one look',
  about: `A number with a plus is a part: counting ended there. The exit status is 1 if an account is held, if the bus
is missing or refuses us, if an entry of the stored configuration is disabled, or if anything failed and was not redriven.`,
  examples: [
    ['', 'the local world'],
    ['--stage prod --output json', 'for a program'],
  ],
  async run({ connect, out, typed }) {
    const report = given((await (await connect()).api.GET('/status')).data);
    out.value(report);
    out.print(...serviceLines(out, report), '', ...accountLines(out, report));
    const isWell = isServiceWell(report);
    if (!isWell) out.print('', `What now: ${typed('failures')}`);
    return isWell ? EXIT.ok : EXIT.failed;
  },
});

function isServiceWell({ bus, accounts, configuration }: Report): boolean {
  const isWell = ({ state, failed }: Account) =>
    state !== 'held' && failed.every(({ reason }) => reason === 'cancelled');
  const isBusWell = bus.state === 'ok' || bus.state === 'unknown';
  return isBusWell && accounts.every(isWell) && configuration.disabled.length === 0;
}

function serviceLines(out: Output, report: Report): string[] {
  const { at, api, poller, bus, outbox, queues, configuration } = report;
  const now = Date.parse(at);
  const ago = (time: string | undefined) =>
    time === undefined ? 'never' : `${shortTime(now - Date.parse(time))} ago`;
  const waiting = queues.filter(({ messages = 0 }) => messages > 0);
  const facts: [string, string][] = [
    ['version', api.version],
    ['poller', `last tick ${ago(poller.lastTickAt)}`],
    ['oldest due', poller.oldestDueAt === undefined ? 'nothing is overdue' : ago(poller.oldestDueAt)],
    ['bus', bus.state],
    ['outbox', `${countOf(outbox.waiting)} wait to be published`],
    ['queues', waiting.map(({ name, messages }) => `${name} ${messages}`).join(', ') || 'no message waits'],
    ['stored', configurationFact(configuration)],
  ];
  return facts.map(([name, fact]) => `${out.paint('gray', name.padEnd(10))}  ${printable(fact)}`);
}

function accountLines(out: Output, { at, accounts, configuration }: Report): string[] {
  const now = Date.parse(at);
  const rows = accounts.map((account): Row => {
    const state = accountStateOf(account, configuration);
    return {
      cells: [
        account.account,
        state,
        countOf(account.open),
        countOf(account.pending),
        account.queuedUntil === undefined ? '–' : shortTime(Date.parse(account.queuedUntil) - now),
        `${account.ratePerSecond ?? '–'}/s`,
        countOf(account.drifted),
        causeOf(account),
      ],
      styles: { 1: STYLES[state] },
    };
  });
  return tableLines(
    out,
    ['account', 'state', 'open', 'pending', 'last in', 'rate', 'drifted', 'cause'],
    rows,
  );
}

function causeOf({ action, code, by, why, failed, skippedRuns = [] }: Account): string {
  const reasons = failed.map(({ reason, count }) => `${countOf(count)} ${reason}`);
  const skipped = skippedRuns.map(({ schedule }) => `skipped ${printable(schedule)}`);
  const refused = [action, code && printable(code)].filter(Boolean).join(' ');
  return [refused, by && `by ${printable(by)}`, why && printable(why), ...reasons, ...skipped]
    .filter(Boolean)
    .join(', ');
}

/** A plus: there are more. */
function countOf(count: Schemas['BoundedCount'] | undefined): string {
  return count === undefined ? '–' : `${count.count}${count.atLeast ? '+' : ''}`;
}
