import { beforeEach, expect, test, vi } from 'vitest';
import { LAST_DELIVERY, sqsBatchHandler } from '../../../lib/runtime/sqs-batch-handler.ts';
import { counters } from '../../../lib/runtime/telemetry.ts';
import { context, sqsEvent } from '../../support/fakes/lambda.ts';

const counted = vi.spyOn(counters, 'count').mockReturnValue(undefined);
beforeEach(() => counted.mockClear());

const deliver = (receiveCounts: number[], fails: boolean, poisonMetric?: string) => {
  const { Records } = sqsEvent(receiveCounts.map(() => 'a message'));
  const received = Records.map((record, index) => ({
    ...record,
    attributes: { ...record.attributes, ApproximateReceiveCount: String(receiveCounts[index]) },
  }));
  const handle = async () => {
    if (fails) throw new Error('table down');
  };
  return sqsBatchHandler(handle, poisonMetric)({ Records: received }, context());
};

test('a message that fails at its last delivery counts: SQS moves it to the poison queue, and counts nothing', async () => {
  const { batchItemFailures } = await deliver([1, LAST_DELIVERY - 1, LAST_DELIVERY], true);
  expect(batchItemFailures).toHaveLength(3);
  expect(counted.mock.calls).toEqual([['PoisonMessages']]);
});

test('webhooks have a metric of their own', async () => {
  await deliver([LAST_DELIVERY], true, 'PoisonWebhooks');
  expect(counted.mock.calls).toEqual([['PoisonWebhooks']]);
});

test('a message that succeeds at its last delivery does not', async () => {
  expect(await deliver([LAST_DELIVERY], false)).toEqual({ batchItemFailures: [] });
  expect(counted).not.toHaveBeenCalled();
});
