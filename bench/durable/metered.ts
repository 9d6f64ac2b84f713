import type { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';

type TestResult = Awaited<ReturnType<LocalDurableTestRunner['run']>>;

/** Of one execution, as AWS meters and bills it; `suspensions`: each is followed by another invocation. */
export type Metered = { operations: number; suspensions: number; bytes: number };

const OPERATIONS: readonly unknown[] = ['ExecutionStarted', 'StepSucceeded', 'StepFailed', 'WaitStarted'];

/**
 * From the test runner's history, by the table of the Lambda Developer Guide, "How durable operations are metered":
 * a start is 1 operation, a step 1 and 1 more for each retry, a wait 1, a wait for a condition 1 and 1 more for each
 * poll; bytes are those of the input, the output, and what each attempt returns.
 * Invocations are not the runner's: when it skips time, it polls a condition without a new one.
 */
export function metered(history: ReturnType<TestResult['getHistoryEvents']>): Metered {
  const sum: Metered = { operations: 0, suspensions: 0, bytes: 0 };
  for (const event of history) {
    const attempt = event.StepSucceededDetails ?? event.StepFailedDetails;
    const isRepeated = attempt?.RetryDetails?.NextAttemptDelaySeconds !== undefined;
    const isLastPoll = event.SubType === 'WaitForCondition' && attempt !== undefined && !isRepeated;
    const payloads = [
      event.ExecutionStartedDetails?.Input?.Payload,
      event.ExecutionSucceededDetails?.Result?.Payload,
      event.StepSucceededDetails?.Result?.Payload,
      JSON.stringify(event.StepFailedDetails?.Error?.Payload),
    ];
    sum.operations += Number(OPERATIONS.includes(event.EventType)) + Number(isLastPoll);
    sum.suspensions += Number(isRepeated || event.EventType === 'WaitStarted');
    sum.bytes += Buffer.byteLength(payloads.join(''));
  }
  return sum;
}
