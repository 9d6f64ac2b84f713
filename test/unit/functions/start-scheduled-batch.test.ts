import { beforeEach, describe, expect, test } from 'vitest';
import { handleSchedule } from '../../../functions/start-scheduled-batch.ts';
import { readStatus } from '../../../lib/activation/status/read-status.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { aFlowLog } from '../../support/fakes/in-memory-flow-log-finder.ts';
import { context } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps([aFlowLog('fl-1')]);
});

const nightly = { schedule: 'nightly', scheduledAt: '2026-01-02T01:00:00Z', selector: {} };
const fire = (event: unknown) => handleSchedule(deps, event, context(900_000));

test('the same time in two notations starts one batch', async () => {
  const first = await fire(nightly);
  expect(first).toMatchObject({ counts: { wouldActivate: 1 }, batches: [{ total: 1 }] });
  expect(await fire({ ...nightly, scheduledAt: '2026-01-02T01:00:00.000Z' })).toEqual(first);
  expect(await fire({ ...nightly, scheduledAt: '2026-01-02T02:00:00+01:00' })).toEqual(first);
  expect([...deps.store.batches.values()]).toMatchObject([{ source: 'schedule:nightly' }]);
});

test('a dry run starts nothing and publishes the stored plan', async () => {
  const planned = await fire({ ...nightly, dryRun: true });
  expect(planned).toMatchObject({
    eventId: expect.stringMatching(/^p-.*\.planned$/),
    counts: { wouldActivate: 1 },
  });
  expect(deps.store.writes).toEqual([]);
  const eventIds = [...deps.plans.plans.keys()].map((planId) => `${planId}.planned`);
  expect([planned]).toMatchObject(eventIds.map((eventId) => ({ eventId })));
  expect(deps.publisher.published).toHaveLength(1);
});

test.each([
  ['a run', {}],
  ['a dry run', { dryRun: true }],
])('%s of a paused account is skipped: the status says so until the schedule has run', async (_what, how) => {
  const runs = async () => {
    const { accounts } = await readStatus(deps.statusDeps());
    return accounts.find(({ account }) => account === 'default')?.skippedRuns;
  };
  await deps.pauses.pause('default', { pausedAt: deps.clock.now, pausedBy: 'alice' });
  const run = (event: object) =>
    handleSchedule({ ...deps, limiter: deps.turns }, { ...nightly, ...how, ...event }, context(900_000));
  expect(await run({})).toEqual({ skipped: 'account-paused' });
  const next = '2026-01-03T01:00:00Z';
  expect(await run({ scheduledAt: next })).toEqual({ skipped: 'account-paused' });
  expect(deps.log.lines).toMatchObject(
    [{}, {}].map(() => ({ level: 'warn', message: 'the schedule skipped a run: its account is paused' })),
  );
  expect(await runs()).toEqual([{ schedule: 'nightly', scheduledAt: Date.parse(next) }]);
  expect([deps.finder.calls, deps.store.writes]).toEqual([[], []]);
  await deps.pauses.resume('default');
  await run({ schedule: 'hourly' });
  expect(await runs()).toHaveLength(1);
  await run({});
  expect(await runs()).toEqual([]);
});

const long = Array.from({ length: 10 }, (_, index) => `${index}${'冻'.repeat(99)}`);

describe('an input that cannot be read is logged with every bad field, and fails', () => {
  test.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['body']],
    ['a plain schedule event', { source: 'aws.events' }, ['schedule', 'scheduledAt', 'selector', 'source']],
    [
      'odd values',
      { schedule: '', scheduledAt: 'tomorrow', selector: { vpc: 1 }, dryRun: 'no' },
      ['schedule', 'scheduledAt', 'selector.vpc', 'dryRun'],
    ],
    ['no such day', { ...nightly, scheduledAt: '2026-99-02T01:00:00Z' }, ['scheduledAt']],
    ['an unknown account', { ...nightly, selector: { account: 'other' } }, ['account']],
    ['an unknown region', { ...nightly, selector: { region: 'cn-bejing' } }, ['region']],
    [
      'a selector that is too long to ask by',
      { ...nightly, selector: { tags: { env: long } } },
      ['selector'],
    ],
  ])('%s', async (_what, event, fields) => {
    await expect(fire(event)).rejects.toThrow();
    const [line, ...others] = deps.log.lines;
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: 'error', message: 'the input of the schedule is refused' });
    expect(line?.fields?.errors).toMatchObject(fields.map((field) => ({ field })));
    expect(deps.finder.calls).toEqual([]);
  });
});
