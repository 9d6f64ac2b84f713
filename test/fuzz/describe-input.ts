import fc from 'fast-check';
import type { NetworkFailure } from '../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../lib/volcengine/response-collector.ts';
import { mostly, oddText } from './odd-text.ts';
import { answerNear } from './volcengine-input.ts';

const status = mostly(
  fc.constantFrom('Active', 'Pending', 'Inactive', 'Creating', 'Deleting', 'Failed', 'Paused'),
  oddText,
  8,
);

/** Pages about the flow logs given, the last one repeated for ever. */
export function describeAnswers(
  flowLogIds: readonly string[],
): fc.Arbitrary<(VolcengineReply | NetworkFailure)[]> {
  const row = fc.record(
    {
      FlowLogId: mostly(fc.constantFrom(...flowLogIds), oddText, 20),
      Status: status,
      BusinessStatus: fc.constantFrom('Normal', 'FinancialLocked', ''),
      LockReason: mostly(fc.constantFrom('', 'financial', 'unlock'), oddText, 6),
    },
    { requiredKeys: ['FlowLogId', 'Status'] },
  );
  const all = fc
    .array(status, { minLength: flowLogIds.length, maxLength: flowLogIds.length })
    .map((statuses) => flowLogIds.map((FlowLogId, index) => ({ FlowLogId, Status: statuses[index] })));
  const page = fc.record(
    {
      FlowLogs: fc.oneof(all, fc.array(row, { maxLength: 6 }), fc.constant(null)),
      NextToken: fc.oneof(fc.constant(''), fc.constant('page-2'), oddText),
    },
    { requiredKeys: [] },
  );
  return fc.array(answerNear(page), { minLength: 1, maxLength: 3 });
}
