import { expect, test } from 'vitest';
import { describeFilter, nameOf, operationsFor } from '../../../../clients/console/model/operations.ts';
import { parseOperationRequest } from '../../../../lib/api/requests/operation-request.ts';

test.each([
  [{}, []],
  [{ status: 'completed' }, []],
  [{ status: 'pending' }, []],
  [{ drift: 'true', account: 'prod' }, []],
  [{ status: 'failed' }, [{ action: 'redrive', filter: { all: true } }]],
  [
    { status: 'failed', reason: 'frozen', account: 'prod', createdFrom: '2026-01-02T03:04:05Z' },
    [
      {
        action: 'redrive',
        filter: { reason: 'frozen', account: 'prod', createdFrom: '2026-01-02T03:04:05Z' },
      },
    ],
  ],
  [
    { reason: 'frozen', flowLogId: 'fl-1' },
    [{ action: 'redrive', filter: { reason: 'frozen', flowLogIds: ['fl-1'] } }],
  ],
  [{ reason: 'frozen', held: 'true' }, []],
  [
    { held: 'true', region: 'cn-beijing' },
    [
      { action: 'retry-now', filter: { held: true, region: 'cn-beijing' } },
      { action: 'cancel', filter: { held: true, region: 'cn-beijing' } },
    ],
  ],
  [
    { status: 'queued' },
    [
      { action: 'retry-now', filter: { all: true } },
      { action: 'cancel', filter: { all: true } },
    ],
  ],
])('with the filters %j the list offers %j, which the API takes', (filters, requests) => {
  expect(operationsFor(filters)).toEqual(requests);
  for (const request of requests) parseOperationRequest(request, undefined, { region: 'cn-beijing' });
});

test.each([
  [{ all: true }, 'all'],
  [{ reason: 'frozen', account: 'prod' }, 'reason frozen, account prod'],
  [{ held: true, batchId: 'b-1' }, 'on hold, batch b-1'],
  [{ flowLogIds: ['fl-1', 'fl-2'] }, 'fl-1, fl-2'],
  [{ flowLogIds: ['1', '2', '3', '4'] }, '4 flow logs'],
] as const)('the filter %j is said as %s', (filter, text) => {
  expect(describeFilter(filter as Parameters<typeof describeFilter>[0])).toBe(text);
});

test.each([
  ['default.cn-beijing.fl-1.b-2', { flowLogId: 'fl-1', scope: 'default · cn-beijing' }],
  ['of another form', { flowLogId: 'of another form', scope: '' }],
])('the activation %s is named by its flow log', (activationId, name) => {
  expect(nameOf(activationId)).toEqual(name);
});
