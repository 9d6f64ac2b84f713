import { describe, expect, test } from 'vitest';
import type { AccountStatus, Status } from '../../../../clients/console/model/contract.ts';
import { issuesOf } from '../../../../clients/console/model/issues.ts';
import { anAccount, aStatus, atSecond } from './build-activation.ts';

const titles = (change: Partial<Status>) => issuesOf(aStatus(change)).map(({ title }) => title);
const ofAccount = (change: Partial<AccountStatus>) => issuesOf(aStatus({ accounts: [anAccount(change)] }));

describe('the issues of a service', () => {
  test('are none if all is well', () => {
    expect(issuesOf(aStatus())).toEqual([]);
  });

  test.each([
    [
      'a tick that does not come',
      { nextTickAt: atSecond(-61), lastTickAt: atSecond(-66) },
      ['The poller stands still'],
    ],
    ['a tick that is about to come', { nextTickAt: atSecond(-30), lastTickAt: atSecond(-35) }, []],
    ['a poller without work', { lastTickAt: atSecond(-15 * 60) }, []],
    ['a poller that is silent for too long', { lastTickAt: atSecond(-21 * 60) }, ['The poller stands still']],
    ['a poller that has not begun', {}, []],
  ])('of %s', (_case, poller, found) => {
    expect(titles({ poller })).toEqual(found);
  });

  test.each([
    ['ok', []],
    ['unknown', []],
    ['missing', ['The event bus is missing']],
    ['refused', ['The event bus refuses the service']],
  ] as const)('of a bus that is %s', (state, found) => {
    expect(titles({ bus: { state } })).toEqual(found);
  });

  test('are messages that nobody can read, but no dead letters: those lie there for 14 days', () => {
    const queues: Status['queues'] = [
      { name: 'poison', messages: 1 },
      { name: 'deadLetter', messages: 5 },
      { name: 'webhookDeadLetter', messages: 5 },
      { name: 'webhookPoison' },
    ];
    expect(titles({ queues })).toEqual(['Messages that nobody can read']);
  });
});

describe('the issues of an account', () => {
  test('on hold name the cause, since when, the next try, and can be retried now', () => {
    const [issue] = ofAccount({
      state: 'held',
      held: { count: 2 },
      code: 'AccessDenied',
      since: atSecond(-300),
      nextTryAt: atSecond(120),
    });
    expect(issue).toMatchObject({
      title: 'On hold: AccessDenied',
      scope: '2 in default, for 5\u00a0min',
      text: expect.stringContaining('Next try in\u00a02\u00a0min'),
      href: '#/activations?held=true&account=default',
      operation: { action: 'retry-now', filter: { held: true, account: 'default' } },
    });
  });

  test('name DescribeFlowLogs if that alone is refused: pending ones wait, and need no retry', () => {
    const [issue, ...others] = ofAccount({
      state: 'held',
      action: 'DescribeFlowLogs',
      code: 'AccessDenied',
      since: atSecond(-300),
      pending: { count: 3 },
    });
    expect(issue).toMatchObject({
      title: 'DescribeFlowLogs is refused: AccessDenied',
      scope: '3 pending in default, for 5\u00a0min',
      href: '#/activations?status=pending&account=default',
    });
    expect([issue?.operation, others]).toEqual([undefined, []]);
  });

  test('that is paused name who did it and why', () => {
    const [issue] = ofAccount({ state: 'paused', since: atSecond(-60), by: 'ann', why: 'OPS-42' });
    expect(issue).toMatchObject({ title: 'Paused', text: expect.stringContaining('By ann: OPS-42.') });
  });

  test('of failures are one for each reason, with a redrive where one can help; what a person cancelled is none', () => {
    const issues = ofAccount({
      failed: [
        { reason: 'frozen', count: { count: 3 } },
        { reason: 'deleting', count: { count: 1, atLeast: true } },
        { reason: 'cancelled', count: { count: 7 } },
      ],
    });
    expect(issues.map(({ title, scope, operation }) => [title, scope, operation?.action])).toEqual([
      ['Failed: frozen', '3 in default', 'redrive'],
      ['Failed: deleting', '1+ in default', undefined],
    ]);
  });

  test('name each schedule whose run a pause has skipped', () => {
    const [issue] = ofAccount({ skippedRuns: [{ schedule: 'nightly', scheduledAt: atSecond(-3_600) }] });
    expect(issue).toMatchObject({ title: 'Run of nightly skipped', scope: 'default, 60\u00a0min\u00a0ago' });
  });

  test('that drifted or is throttled are named', () => {
    expect(ofAccount({ drifted: { count: 1 } }).map(({ title }) => title)).toEqual(['Drifted']);
    expect(ofAccount({ state: 'throttled', since: atSecond(-1) }).map(({ title }) => title)).toEqual([
      'Throttled',
    ]);
  });
});
