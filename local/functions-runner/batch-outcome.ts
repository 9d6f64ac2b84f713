import type { Message } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { InvocationResult } from './invocation.ts';

const PartialResponse = v.pipe(
  v.string(),
  v.parseJson(),
  v.nullish(
    v.object({
      batchItemFailures: v.nullish(
        v.array(v.object({ itemIdentifier: v.pipe(v.string(), v.nonEmpty()) })),
        [],
      ),
    }),
  ),
);

/**
 * Returns the messages that Lambda deletes after an invocation: all after success, none after an error. With
 * ReportBatchItemFailures: all except the reported ones, or none if the report is invalid.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function succeededMessages(
  messages: Message[],
  result: InvocationResult,
  reportBatchItemFailures: boolean,
): Message[] {
  if (!result.ok) return [];
  if (!reportBatchItemFailures) return messages;
  const response = v.safeParse(PartialResponse, result.payload);
  if (!response.success) return [];
  const failed = new Set((response.output?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier));
  const ids = new Set(messages.map((message) => message.MessageId));
  if (!failed.isSubsetOf(ids)) return [];
  return messages.filter((message) => !failed.has(message.MessageId ?? ''));
}
