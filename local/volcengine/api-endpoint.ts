import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { findAction } from './actions.ts';
import { type Answer, type AnswerContext, errorAnswer, successAnswer } from './answer.ts';
import { ApiError } from './api-error.ts';
import { deliver, planDelivery } from './delivery.ts';
import type { FakeCloud } from './fake-cloud.ts';
import type { Fault } from './fault.ts';
import { collectParameters } from './parameters.ts';
import { receiveRequest, type SignedRequest } from './signed-request.ts';
import { type Caller, verifySignature } from './verify-signature.ts';

/** Longer ones are cut in the call log. */
const USER_AGENT_LIMIT = 200;

type Subject = {
  action: string;
  version: string;
  flowLogIds: string[];
  clientToken?: string;
  roleTrn?: string;
};

/** Signature, then fault plan, then throttle, then action. Every call, refused or not, is in the call log. */
export async function handleApiCall(
  cloud: FakeCloud,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = cloud.state.now();
  const context: AnswerContext = {
    requestId: cloud.state.nextRequestId(),
    service: 'vpc',
    action: '',
    version: '',
    region: '',
  };
  let subject: Subject = { action: '', version: '', flowLogIds: [] };
  let caller: Caller | undefined;
  let fault: Fault | undefined;
  let answer: Answer | undefined;
  try {
    const request = await receiveRequest(message);
    subject = readSubject(request.query);
    context.action = subject.action;
    context.version = subject.version;
    refuseOtherTargets(request);
    caller = verifySignature(request, cloud, at + cloud.clockSkewMs);
    context.service = caller.service;
    context.region = caller.region;
    fault = cloud.faults.pick({ ...caller, ...subject });
    answer = await answerUnderFault(cloud, request, caller, context, fault);
  } catch (error) {
    if (cloud.closing.aborted) throw error;
    answer = errorAnswer(context, asApiError(error));
  }

  const delivery = planDelivery(fault, answer, context);
  const { clientToken, roleTrn, flowLogIds } = subject;
  const userAgent = message.headers['user-agent'];
  cloud.calls.add({
    at,
    requestId: context.requestId,
    ...(caller && { account: caller.account, region: caller.region, accessKey: caller.accessKey }),
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, USER_AGENT_LIMIT) }),
    action: subject.action,
    flowLogIds,
    ...(clientToken !== undefined && { clientToken }),
    ...(roleTrn !== undefined && { roleTrn }),
    httpStatus: 'wire' in delivery ? delivery.wire.httpStatus : null,
    ...(delivery.code !== undefined && { code: delivery.code }),
    ...(fault && { fault: fault.kind }),
    effective: answer?.effective ?? false,
  });
  deliver(message, response, delivery, cloud.state.now() + cloud.clockSkewMs);
}

function readSubject(query: SignedRequest['query']): Subject {
  const first = (name: string) => query.find(([given]) => given === name)?.[1];
  const clientToken = first('ClientToken');
  const roleTrn = first('RoleTrn');
  return {
    action: first('Action') ?? '',
    version: first('Version') ?? '',
    flowLogIds: query.filter(([name]) => /^FlowLogId(?:$|s\.)/.test(name)).map(([, value]) => value),
    ...(clientToken !== undefined && { clientToken }),
    ...(roleTrn !== undefined && { roleTrn }),
  };
}

function refuseOtherTargets({ method, path }: SignedRequest): void {
  if (path !== '/') throw new ApiError('ServiceNotFound', `There is nothing at ${path}.`);
  if (method !== 'GET') throw new ApiError('MethodNotAllowed', `The method ${method} is not allowed.`);
}

/** Undefined if the fault keeps the call from being processed at all. */
async function answerUnderFault(
  cloud: FakeCloud,
  request: SignedRequest,
  caller: Caller,
  context: AnswerContext,
  fault: Fault | undefined,
): Promise<Answer | undefined> {
  const run = () => processCall(cloud, request, caller, context);
  if (fault === undefined) return run();
  const first = !('processed' in fault) || fault.processed ? await run() : undefined;
  await pause(cloud, fault.delayMs);
  return fault.kind === 'delay' ? (first ?? run()) : first;
}

async function processCall(
  cloud: FakeCloud,
  request: SignedRequest,
  caller: Caller,
  context: AnswerContext,
): Promise<Answer> {
  const { state } = cloud;
  const revision = state.revision;
  const answer = await runAction(cloud, request, caller, context);
  // What was answered must still be true after a crash.
  if (state.revision !== revision) await cloud.persist();
  return answer;
}

async function runAction(
  cloud: FakeCloud,
  request: SignedRequest,
  caller: Caller,
  context: AnswerContext,
): Promise<Answer> {
  try {
    cloud.throttle.take(caller.account);
    const parameters = collectParameters(request.query);
    const action = findAction(caller.service, parameters.get('Action'), parameters.get('Version'));
    parameters.delete('Action');
    parameters.delete('Version');
    const call = {
      requestId: context.requestId,
      caller,
      parameters,
      sleep: (durationMs: number) => pause(cloud, durationMs),
    };
    const { result, effective } = await action(call, cloud);
    return successAnswer(context, result, effective);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(context, error);
    throw error;
  }
}

async function pause(cloud: FakeCloud, durationMs: number): Promise<void> {
  if (durationMs > 0) await setTimeout(durationMs, undefined, { signal: cloud.closing });
}

/** What is no ApiError is a defect of this fake, or its disk is full: the message says so to whoever calls. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('InternalError', error instanceof Error ? error.message : String(error));
}
