import type { Duration, StepConfig, WaitForConditionConfig } from '@aws/durable-execution-sdk-js';
import { clientTokenOf } from '../../lib/activation/model/ids.ts';
import type { CallFailure, FailureReason, FlowLogView } from '../../lib/activation/model/outcome.ts';
import { type Policy, retryDelayMs } from '../../lib/activation/model/policy.ts';
import type { FlowLogApi, Random, RateLimiter } from '../../lib/activation/model/ports.ts';

/** What both durable functions use of the SDK's DurableContext. */
export type Durable = {
  step<T>(name: string, run: () => Promise<T>, config?: StepConfig<T>): Promise<T>;
  wait(name: string, duration: Duration): Promise<void>;
  waitForCondition<T>(
    name: string,
    check: (state: T) => Promise<T>,
    config: WaitForConditionConfig<T>,
  ): Promise<T>;
};

export type Scope = { account: string; region: string };

export type Ending = { flowLogId: string; reason?: FailureReason };

export type Services = {
  api: Pick<FlowLogApi, 'activeFlowLog' | 'describeFlowLogs'>;
  limiter: RateLimiter;
  policy: Policy;
  random: Random;
  /** One event for each, with an id derived from the request and the flow log; `reason`: the failed event. */
  publish(endings: Ending[]): Promise<void>;
};

/** ActiveFlowLog must be called again with the same token. */
export class CallAgain extends Error {
  readonly failure: CallFailure;
  constructor(failure: CallFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** The step's retry strategy: as long as our worker would wait. */
export function retrySeconds(error: Error, attempt: number, { policy, random }: Services): number {
  const failure: CallFailure =
    error instanceof CallAgain
      ? error.failure
      : { kind: 'retry', error: { code: error.name, message: error.message } };
  return Math.ceil(retryDelayMs(failure, attempt, policy, random) / 1_000);
}

/** Calls once. `verify` is pending, too: DescribeFlowLogs decides. Throws CallAgain. */
export async function callActiveFlowLog(
  { api, limiter }: Services,
  scope: Scope,
  requestId: string,
  flowLogId: string,
): Promise<{ accepted: boolean } | { reason: FailureReason }> {
  await limiter.acquire(scope.account, Number.POSITIVE_INFINITY);
  const clientToken = clientTokenOf(`${requestId}.${flowLogId}`, 1);
  const outcome = await api.activeFlowLog({ flowLog: { ...scope, flowLogId }, clientToken });
  if (outcome.kind === 'throttled') await limiter.throttled(scope.account);
  switch (outcome.kind) {
    case 'accepted':
    case 'verify':
      return { accepted: outcome.kind === 'accepted' };
    case 'dead-letter':
      return { reason: outcome.reason };
    case 'not-sent':
      throw new Error('a call without a time limit is always sent');
    default:
      throw new CallAgain(outcome);
  }
}

/** What DescribeFlowLogs shows, as our poller decides it, without its allowance for lagging replicas. */
export function decideView(
  view: FlowLogView | undefined,
  accepted: boolean,
): 'pending' | 'active' | 'call-again' | FailureReason {
  if (view === undefined) return 'pending';
  if (view.status === 'Active') return 'active';
  if (view.locked) return 'frozen';
  if (view.status === 'Deleting') return 'deleting';
  if (view.status === 'Failed') return 'activation-failed';
  return !accepted && view.status === 'Inactive' ? 'call-again' : 'pending';
}
