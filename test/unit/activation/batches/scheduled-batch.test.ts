import { beforeEach, expect, test } from 'vitest';
import { PlanNotPublished } from '../../../../lib/activation/batches/errors.ts';
import {
  planScheduled,
  scheduleNameOf,
  startScheduled,
} from '../../../../lib/activation/batches/scheduled-batch.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { flowLogOf, START } from '../../../support/fakes/activations.ts';
import { aFlowLog, aSelector } from '../../../support/fakes/in-memory-flow-log-finder.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps([aFlowLog('fl-1'), aFlowLog('fl-2', { locked: true })]);
});

const limit = { flowLogs: 1_000, selectBy: START + 60_000, openUntil: START + 60_000 };
const nightly = {
  schedule: 'arn:aws:events:eu-west-1:000000000000:rule/nightly',
  scheduledAt: Date.UTC(2026, 0, 2, 1),
  selector: aSelector(),
  metadata: {},
};

test('two events for one run, at once or later, start one batch', async () => {
  const [first, second] = await Promise.all([
    startScheduled(deps, nightly, limit),
    startScheduled(deps, nightly, limit),
  ]);
  deps.finder.flowLogs = [aFlowLog('fl-3')];
  const third = await startScheduled(deps, nightly, limit);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  expect([...deps.store.batches.values()]).toMatchObject([
    { source: 'schedule:nightly', flowLogs: [flowLogOf('fl-1')] },
  ]);
});

test('a frozen flow log is not skipped in silence', async () => {
  const { plan } = await startScheduled(deps, nightly, limit);
  expect(deps.log.lines).toContainEqual({
    level: 'warn',
    message: 'the schedule skipped frozen flow logs',
    fields: { source: 'schedule:nightly', planId: plan.planId, frozen: 1, flowLogIds: ['fl-2'] },
  });
  deps.finder.flowLogs = [aFlowLog('fl-1')];
  const before = deps.log.lines.length;
  await startScheduled(deps, { ...nightly, schedule: 'weekly' }, limit);
  expect(deps.log.lines.slice(before).filter(({ level }) => level === 'warn')).toEqual([]);
});

test('another run or another schedule starts another batch', async () => {
  const started = [
    await startScheduled(deps, nightly, limit),
    await startScheduled(deps, { ...nightly, scheduledAt: nightly.scheduledAt + 1 }, limit),
    await startScheduled(deps, { ...nightly, schedule: 'nightly' }, limit),
  ];
  expect(new Set(started.map(({ plan }) => plan.planId)).size).toBe(3);
});

test('a dry run starts nothing and publishes the plan in one event; a repetition has the same bytes', async () => {
  const planned = await planScheduled(deps, nightly, limit);
  deps.finder.flowLogs = [aFlowLog('fl-3')];
  const { account, region, ...rest } = nightly.selector;
  const reordered = { ...nightly, selector: { ...rest, region, account } };
  await planScheduled({ ...deps, now: () => START + 60_000 }, reordered, limit);
  expect(deps.store.writes).toEqual([]);
  expect(new Set(deps.publisher.published.map(({ body }) => body)).size).toBe(1);
  expect(deps.queue.enqueued).toEqual([]);
  expect(new Set(deps.publisher.published.map(({ id }) => id))).toEqual(new Set([planned.eventId]));
  const [event] = deps.publisher.published;
  expect(event?.type).toBe('flow-log-batch.planned.v1');
  expect(JSON.parse(event?.body ?? '')).toMatchObject({
    id: planned.eventId,
    subject: 'nightly',
    time: new Date(START).toISOString(),
    data: {
      schedule: 'nightly',
      scheduledAt: '2026-01-02T01:00:00.000Z',
      selector: nightly.selector,
      counts: { wouldActivate: 1, frozen: 1, alreadyActive: 0 },
      ids: { wouldActivate: ['fl-1'], frozen: ['fl-2'] },
      more: false,
    },
  });
});

test('a plan that the bus does not store is an error', async () => {
  deps.publisher.refuse = () => true;
  await expect(planScheduled(deps, nightly, limit)).rejects.toBeInstanceOf(PlanNotPublished);
});

test.each([
  ['nightly', 'nightly'],
  ['arn:aws:events:eu-west-1:000000000000:rule/nightly', 'nightly'],
  ['arn:aws:events:eu-west-1:000000000000:rule/bus/nightly', 'bus/nightly'],
  ['arn:aws:scheduler:eu-west-1:000000000000:schedule/default/nightly', 'default/nightly'],
  ['arn:aws:sqs:eu-west-1:000000000000:nightly', 'arn:aws:sqs:eu-west-1:000000000000:nightly'],
])('%s is called %s', (schedule, name) => {
  expect(scheduleNameOf(schedule)).toBe(name);
});
