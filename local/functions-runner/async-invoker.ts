import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceLog } from '../logs/log-record.ts';
import { type LambdaFunction, ThrottledError } from './lambda-function.ts';

const THROTTLE_DELAY_MS = 1000;

/**
 * Invokes a function asynchronously, as Lambda does for a schedule or a rule: it retries errors, waits while the function
 * is throttled, and drops an event that is too old, with a log line. Resolves after success, after the last retry, or
 * when stopped.
 */
export async function invokeAsync(
  lambda: LambdaFunction,
  event: unknown,
  { log, signal }: { log: SourceLog; signal: AbortSignal },
): Promise<void> {
  const { maximumRetryAttempts, maximumEventAgeMs, functionName } = lambda.definition;
  const expiresAt = Date.now() + maximumEventAgeMs;
  let failures = 0;
  while (!signal.aborted) {
    if (Date.now() >= expiresAt) {
      log('WARN', 'Event dropped: it is too old', { functionName, maximumEventAgeMs });
      lambda.dropEvent();
      return;
    }
    const outcome = await tryOnce(lambda, event);
    if (outcome === 'succeeded') return;
    if (outcome === 'failed') failures += 1;
    if (failures > maximumRetryAttempts) {
      if (maximumRetryAttempts > 0)
        log('WARN', 'Event dropped: all retries failed', { functionName, failures });
      lambda.dropEvent();
      return;
    }
    const delayMs = outcome === 'throttled' ? THROTTLE_DELAY_MS : (lambda.retryDelayMs(failures) ?? 0);
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}

async function tryOnce(
  lambda: LambdaFunction,
  event: unknown,
): Promise<'succeeded' | 'failed' | 'throttled'> {
  try {
    return (await lambda.invoke(event)).ok ? 'succeeded' : 'failed';
  } catch (error) {
    if (error instanceof ThrottledError) return 'throttled';
    throw error;
  }
}
