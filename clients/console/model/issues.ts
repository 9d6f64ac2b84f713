import {
  WHAT_NOW_DESCRIBE_REFUSED,
  WHAT_NOW_DRIFTED,
  WHAT_NOW_HELD,
  WHAT_NOW_SKIPPED_RUN,
} from '../../http/what-now.ts';
import type { Tone } from './activation-state.ts';
import type { AccountStatus, OperationRequest, Status } from './contract.ts';
import { canRedriveHelp, countText } from './failures.ts';
import { linkTo } from './route.ts';
import { duration, relativeTime } from './time.ts';
import { whatNowFor } from './what-now.ts';

/** Something that is wrong now: what, since when, and what to do. */
export type Issue = {
  key: string;
  tone: Tone;
  title: string;
  /** Such as `12 activations`, or whose account it is. */
  scope: string;
  text: string;
  href?: string;
  /** What may be done about all of it at once. */
  operation?: OperationRequest;
};

/** A tick that is planned and this much late does not come. */
const LATE_TICK_MS = 60_000;
/** Without work the schedule's ticks write their time every 15 minutes. */
const SILENT_POLLER_MS = 20 * 60_000;

/** What is wrong now: first what stops everything, then by account. */
export function issuesOf(status: Status): Issue[] {
  return [
    ...serviceIssues(status),
    ...status.accounts.flatMap((account) => accountIssues(account, Date.parse(status.at))),
  ];
}

function serviceIssues({ at, poller, bus, queues, configuration }: Status): Issue[] {
  const now = Date.parse(at);
  const issues: Issue[] = [];
  const { lastTickAt, nextTickAt } = poller;
  const isLate = nextTickAt !== undefined && now - Date.parse(nextTickAt) > LATE_TICK_MS;
  const isSilent = lastTickAt !== undefined && now - Date.parse(lastTickAt) > SILENT_POLLER_MS;
  if (isLate || isSilent) {
    issues.push({
      key: 'poller',
      tone: 'bad',
      title: 'The poller stands still',
      scope: lastTickAt === undefined ? '' : `last tick ${relativeTime(lastTickAt, now)}`,
      text: 'Nothing becomes Active or is published meanwhile. Look at the log and the errors of poll-activations.',
    });
  }
  if (bus.state === 'missing' || bus.state === 'refused') {
    issues.push({
      key: 'bus',
      tone: 'bad',
      title: bus.state === 'missing' ? 'The event bus is missing' : 'The event bus refuses the service',
      scope: '',
      text: 'No event is published; all are kept and published later. Restore the bus, or the permission to put events on it.',
    });
  }
  for (const { kind, name, problems } of configuration.disabled) {
    issues.push({
      key: `${kind} ${name} disabled`,
      tone: 'bad',
      title: `The stored ${kind === 'unknown' ? 'entry' : kind} ${name} is disabled`,
      scope: problems.join('; '),
      text: 'Correct it where it is stored: it is read again within a minute. Calls of a disabled account wait, and all others go on.',
    });
  }
  if (configuration.failure !== undefined) {
    issues.push({
      key: 'configuration',
      tone: 'alert',
      title: 'The stored configuration cannot be read',
      scope: configuration.failure,
      text: 'What was read before is used. Is it there, and may the functions read it?',
    });
  }
  for (const { name, messages = 0 } of queues) {
    if (messages === 0 || !(name === 'poison' || name === 'webhookPoison')) continue;
    issues.push({
      key: name,
      tone: 'alert',
      title: 'Messages that nobody can read',
      scope: `${messages} in ${name}`,
      text: 'Somebody else has sent them, or another version. Look at them in the SQS console, then delete them.',
    });
  }
  return issues;
}

function accountIssues(status: AccountStatus, now: number): Issue[] {
  const {
    account,
    state,
    since,
    action,
    code,
    by,
    why,
    nextTryAt,
    pending,
    held,
    drifted,
    failed,
    ratePerSecond,
  } = status;
  const issues: Issue[] = [];
  const lasts = since === undefined ? '' : `, for ${duration(now - Date.parse(since))}`;
  const issue = (one: Omit<Issue, 'key'>) => issues.push({ key: `${account} ${one.title}`, ...one });
  if (state === 'paused') {
    issue({
      tone: 'alert',
      title: 'Paused',
      scope: `${account}${lasts}`,
      text: `${by ? `By ${by}` : 'By a person'}${why ? `: ${why}` : ''}. Requests are taken, nothing is called. Resume it below.`,
    });
  }
  if (held.count > 0) {
    issue({
      tone: 'alert',
      title: `On hold${code ? `: ${code}` : ''}`,
      scope: `${countText(held)} in ${account}${state === 'held' ? lasts : ''}`,
      text: `${WHAT_NOW_HELD}${nextTryAt ? ` Next try ${relativeTime(nextTryAt, now)}.` : ''}`,
      href: linkTo('activations', { query: { held: 'true', account } }),
      operation: { action: 'retry-now', filter: { held: true, account } },
    });
  }
  if (action === 'DescribeFlowLogs') {
    issue({
      tone: 'alert',
      title: `DescribeFlowLogs is refused${code ? `: ${code}` : ''}`,
      scope: `${countText(pending)} pending in ${account}${lasts}`,
      text: WHAT_NOW_DESCRIBE_REFUSED,
      href: linkTo('activations', { query: { status: 'pending', account } }),
    });
  }
  if (state === 'throttled') {
    issue({
      tone: 'wait',
      title: 'Throttled',
      scope: `${account}, ${ratePerSecond.toFixed(1)} calls a second`,
      text: 'Volcengine has slowed the account down. The rate recovers by itself.',
    });
  }
  for (const { reason, count } of failed) {
    if (reason === 'cancelled') continue;
    issue({
      tone: 'bad',
      title: `Failed: ${reason}`,
      scope: `${countText(count)} in ${account}`,
      text: whatNowFor(reason),
      href: linkTo('failures', { query: { account, reason } }),
      ...(canRedriveHelp(reason) && { operation: { action: 'redrive', filter: { reason, account } } }),
    });
  }
  for (const { schedule, scheduledAt } of status.skippedRuns ?? []) {
    issue({
      tone: 'alert',
      title: `Run of ${schedule} skipped`,
      scope: `${account}, ${relativeTime(scheduledAt, now)}`,
      text: WHAT_NOW_SKIPPED_RUN,
    });
  }
  if (drifted.count > 0) {
    issue({
      tone: 'alert',
      title: 'Drifted',
      scope: `${countText(drifted)} in ${account}`,
      text: WHAT_NOW_DRIFTED,
      href: linkTo('activations', { query: { drift: 'true', account } }),
    });
  }
  return issues;
}
