import type { Activation } from '../../../lib/activation/model/activation.ts';
import type { Batch } from '../../../lib/activation/model/batch.ts';
import { clearOutbox, complete, fail } from '../../../lib/activation/model/endings.ts';
import type { CallError, FailureReason } from '../../../lib/activation/model/outcome.ts';
import { accept, leaseForCall, verifyFirst } from '../../../lib/activation/model/transitions.ts';
import type { ActivationRequest } from '../../../lib/activation/request/request-activations.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../fakes/activations.ts';

/* An activation in each of its states. All of it happened at START. */

type Change = Partial<Activation>;

const INVALID_STATUS = { code: 'InvalidFlowLog.InvalidStatus', message: 'not inactive', httpStatus: 400 };
export const NOT_FOUND = { code: 'InvalidFlowLog.NotFound', message: 'no such flow log', httpStatus: 404 };

export const aLeasedActivation = (change: Change = {}) =>
  leaseForCall(anActivation(change), 'lease-1', START, policy);

/** Pending, and Volcengine accepted the call. */
export const anAcceptedActivation = (change: Change = {}) =>
  accept(aLeasedActivation(change), 'req-1', START, policy);

/** Pending, because Volcengine says that the flow log is not Inactive. */
export const anUnacceptedActivation = (change: Change = {}) =>
  verifyFirst(aLeasedActivation(change), INVALID_STATUS, START, policy);

export const aFailedActivation = (reason: FailureReason, change: Change = {}, error: CallError = NOT_FOUND) =>
  fail(aLeasedActivation(change), reason, START, error);

export const aCompletedActivation = (change: Change = {}) => complete(anActivation(change), false, START);

/** With all of its events published. */
export const published = (activation: Activation) =>
  clearOutbox(activation, new Map(activation.outbox.map((entry) => [entry, START])));

export const numberedIds = (count: number) => Array.from({ length: count }, (_, index) => `fl-${index}`);

export const aBatch = (flowLogIds: string[], change: Partial<Batch> = {}): Batch => ({
  batchId: batchIdOf(1),
  bodyHash: 'hash',
  flowLogs: flowLogIds.map(flowLogOf),
  metadata: {},
  source: 'api',
  createdAt: START,
  version: 1,
  ...change,
});

export const aRequest = (
  flowLogIds: string[],
  change: Partial<ActivationRequest> = {},
): ActivationRequest => ({
  callerScope: 'api',
  flowLogs: flowLogIds.map(flowLogOf),
  metadata: {},
  source: 'api',
  requestedBy: 'someone',
  ...change,
});
