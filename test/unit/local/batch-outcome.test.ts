import { describe, expect, it } from 'vitest';
import { succeededMessages } from '../../../local/functions-runner/batch-outcome.ts';

const messages = [{ MessageId: 'a' }, { MessageId: 'b' }, { MessageId: 'c' }];

function succeeded(payload: string, reports = true): (string | undefined)[] {
  return succeededMessages(messages, { ok: true, payload }, reports).map((message) => message.MessageId);
}

describe('succeededMessages', () => {
  it.each([
    ['nothing', 'null'],
    ['an empty object', '{}'],
    ['an empty list', '{"batchItemFailures":[]}'],
    ['null for the list', '{"batchItemFailures":null}'],
  ])('are all when the report is %s', (_, payload) => {
    expect(succeeded(payload)).toEqual(['a', 'b', 'c']);
  });

  it('are those not reported', () => {
    expect(succeeded('{"batchItemFailures":[{"itemIdentifier":"b"}]}')).toEqual(['a', 'c']);
  });

  it.each([
    ['an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}'],
    ['a null identifier', '{"batchItemFailures":[{"itemIdentifier":null}]}'],
    ['a wrong key', '{"batchItemFailures":[{"messageId":"a"}]}'],
    ['a message that is not in the batch', '{"batchItemFailures":[{"itemIdentifier":"x"}]}'],
    ['text', '"failed"'],
  ])('are none when the report has %s', (_, payload) => {
    expect(succeeded(payload)).toEqual([]);
  });

  it('are all without ReportBatchItemFailures, whatever was returned', () => {
    expect(succeeded('{"batchItemFailures":[{"itemIdentifier":"b"}]}', false)).toEqual(['a', 'b', 'c']);
  });

  it('are none when the function failed', () => {
    const error = { errorType: 'Error', errorMessage: '', trace: [] };
    expect(succeededMessages(messages, { ok: false, error }, true)).toEqual([]);
  });
});
