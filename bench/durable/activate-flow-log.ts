import {
  createWaitStrategy,
  JitterStrategy,
  StepError,
  WaitForConditionError,
} from '@aws/durable-execution-sdk-js';
import {
  callActiveFlowLog,
  type Durable,
  decideView,
  type Ending,
  retrySeconds,
  type Scope,
  type Services,
} from './function-parts.ts';

export type FlowLogRequest = Scope & { requestId: string; flowLogId: string };

const FIRST_WAIT = { seconds: 5 };
const MOST_CALLS = 20;
/** A day and half an hour, about. */
const MOST_TRIES = 100;
const LONGEST_WAIT_SECONDS = 10;

/** One durable execution for one flow log: a step with retries, a wait for a condition, a step that publishes. */
export async function activateFlowLog(
  context: Durable,
  request: FlowLogRequest,
  services: Services,
): Promise<Ending> {
  const outcome = await activate(context, request, services).catch((error: unknown) => {
    const isGivenUp = error instanceof StepError || error instanceof WaitForConditionError;
    if (!isGivenUp) throw error;
    return { reason: 'deadline-exceeded' as const };
  });
  const ending = { flowLogId: request.flowLogId, ...outcome };
  await context.step('publish', () => services.publish([ending]));
  return ending;
}

async function activate(context: Durable, request: FlowLogRequest, services: Services) {
  const { requestId, flowLogId, account, region } = request;
  // The helper of the SDK's guide ("Wait for Condition"), quicker than its defaults.
  const waitStrategy = createWaitStrategy<ReturnType<typeof decideView>>({
    initialDelay: FIRST_WAIT,
    backoffRate: 1.5,
    maxDelay: { seconds: LONGEST_WAIT_SECONDS },
    maxAttempts: Math.ceil(services.policy.pendingDeadlineMs / (LONGEST_WAIT_SECONDS * 1_000)),
    jitter: JitterStrategy.NONE,
    shouldContinuePolling: (seen) => seen === 'pending',
  });
  for (let call = 1; call <= MOST_CALLS; call += 1) {
    const started = await context.step(
      'activate',
      () => callActiveFlowLog(services, request, requestId, flowLogId),
      {
        retryStrategy: (error, attempt) => ({
          shouldRetry: attempt < MOST_TRIES,
          delay: { seconds: retrySeconds(error, attempt, services) },
        }),
      },
    );
    if ('reason' in started) return started;
    // The condition is checked before its first wait, and no flow log is Active at once.
    await context.wait('before the first look', FIRST_WAIT);
    const seen = await context.waitForCondition(
      'until Active',
      async () => {
        await services.limiter.acquire(account, Number.POSITIVE_INFINITY);
        const outcome = await services.api.describeFlowLogs({ account, region }, [flowLogId]);
        if (outcome.kind !== 'described') return 'pending';
        return decideView(outcome.flowLogs.get(flowLogId), started.accepted);
      },
      { initialState: 'pending', waitStrategy },
    );
    if (seen === 'active') return {};
    if (seen !== 'call-again' && seen !== 'pending') return { reason: seen };
  }
  return { reason: 'deadline-exceeded' as const };
}
