import { parse } from 'valibot';
import { expect, test } from 'vitest';
import { batchCompletedSchema } from '../../events/batch-completed-v1.ts';
import { flowLogDriftedSchema } from '../../events/flow-log-drifted-v1.ts';
import { type SeenEvent, startTestWorld, until } from './world.ts';

const region = 'cn-beijing';
const isBatchEvent = ({ type }: SeenEvent) => type === 'flow-log-batch.completed.v1';
const isDriftEvent = ({ type }: SeenEvent) => type === 'flow-log.drifted.v1';

test('a batch is told of when its last flow log has ended, and a redrive afterwards is no second end', async () => {
  const seeds = [
    { region, flowLogId: 'fl-1', pendingMs: 100 },
    { region, flowLogId: 'fl-2', frozen: true },
  ];
  const world = await startTestWorld({ fake: { seeds } });
  const events = world.watchEvents();
  const flowLogIds = ['fl-1', 'fl-2', 'fl-missing'];
  const { body } = await world.post({ flowLogIds, metadata: { ticket: 'OPS-1' } });
  await until(events.look, (seen) => seen.some(isBatchEvent));
  const event = parse(batchCompletedSchema, events.seen.find(isBatchEvent));
  expect(event).toMatchObject({
    id: `${body.batchId}.completed`,
    subject: body.batchId,
    data: {
      batchId: body.batchId,
      metadata: { ticket: 'OPS-1' },
      total: 3,
      counts: { completed: 1, failed: 2 },
      reasons: { frozen: 1, 'not-found': 1 },
    },
  });
  expect(await world.batch(body.batchId)).toMatchObject({ done: true });

  await world.seed('fl-2');
  const id = `default.${region}.fl-2.${body.batchId}`;
  expect(await world.redriveWhenTold(id)).toMatchObject({ status: 202 });
  await until(events.look, (seen) => seen.some((one) => one.id === `${id}.2.completed`));
  await world.untilDone(body.batchId);
  // Ticks go on, and with them whatever might still be told.
  const { body: later } = await world.post({ flowLogIds: ['fl-1'] });
  await until(events.look, (seen) => seen.some((one) => one.id === `${later.batchId}.completed`));
  expect(events.seen.filter((one) => one.id === `${body.batchId}.completed`)).toHaveLength(1);
});

test('drift is told once, ends when the flow log is Active again, and a check that is refused fails', async () => {
  const ids = ['fl-off', 'fl-gone', 'fl-fine'];
  const seeds = ids.map((flowLogId) => ({ region, flowLogId, pendingMs: 100 }));
  const world = await startTestWorld({ fake: { seeds } });
  const events = world.watchEvents();
  const { body } = await world.post({ flowLogIds: ids });
  await until(events.look, (seen) => seen.some(isBatchEvent));
  expect((await world.checkDrift()).headers.get('x-amz-function-error')).toBeNull();
  // A check leaves alone what the poller has not told to its end.
  const checkedEvents = async () => {
    await world.checkDrift();
    return events.look();
  };

  await world.seed('fl-off', { status: 'Inactive' });
  await world.seed('fl-gone', { status: 'Absent' });
  const drifts = await until(checkedEvents, (seen) => seen.filter(isDriftEvent).length >= 2);
  const told = drifts.filter(isDriftEvent).map((event) => parse(flowLogDriftedSchema, event));
  expect(told.map(({ id, data }) => [id, data.kind]).sort()).toEqual([
    [`default.${region}.fl-gone.${body.batchId}.1.drifted`, 'gone'],
    [`default.${region}.fl-off.${body.batchId}.1.drifted`, 'inactive'],
  ]);
  const historyOf = async () => {
    await world.checkDrift();
    const { history } = await world.activation(`default.${region}.fl-off.${body.batchId}`);
    return JSON.stringify(history);
  };
  expect(await historyOf()).toContain('drifted: inactive');

  await world.seed('fl-off', { status: 'Active' });
  await until(historyOf, (history) => history.includes('drift ended'));
  await world.seed('fl-off', { status: 'Inactive' });
  await until(checkedEvents, (seen) => seen.filter(isDriftEvent).length >= 3);
  expect(events.seen.filter(isDriftEvent).map(({ id }) => id)).toContain(
    `default.${region}.fl-off.${body.batchId}.2.drifted`,
  );
  expect(events.seen.filter(isDriftEvent)).toHaveLength(3);

  await world.addFaults({ kind: 'error', action: 'DescribeFlowLogs', code: 'AccessDenied' });
  const refused = await world.checkDrift();
  expect(refused.headers.get('x-amz-function-error')).toBe('Unhandled');
  expect(await refused.text()).toContain('could not be checked');
});
