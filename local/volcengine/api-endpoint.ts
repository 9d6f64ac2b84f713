import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { findAction } from './actions.ts';
import { ApiError } from './api-error.ts';
import { deliver, planDelivery } from './delivery.ts';
import type { FakeCloud } from './fake-cloud.ts';
import type { Fault } from './fault.ts';
import { collectParameters } from './parameters.ts';
import { errorReply, type Reply, type ReplyContext, successReply } from './reply.ts';
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

/** The one action without a signature. It is a form: a token does not belong into a URL. */
const UNSIGNED = 'AssumeRoleWithOIDC';
const NOBODY: Caller = { account: '', accountId: '', accessKey: '', region: '', service: 'sts' };

/** Signature, then fault plan, then throttle, then action. Every call, refused or not, is in the call log. */
export async function handleApiCall(
  cloud: FakeCloud,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = cloud.state.now();
  const context: ReplyContext = {
    requestId: cloud.state.nextRequestId(),
    service: 'vpc',
    action: '',
    version: '',
    region: '',
  };
  let subject: Subject = { action: '', version: '', flowLogIds: [] };
  let caller: Caller | undefined;
  let fault: Fault | undefined;
  let reply: Reply | undefined;
  try {
    const request = await receiveRequest(message);
    subject = readSubject([...request.query, ...request.form]);
    context.action = subject.action;
    context.version = subject.version;
    const isSigned = subject.action !== UNSIGNED;
    refuseOtherTargets(request, isSigned ? 'GET' : 'POST');
    if (isSigned) caller = verifySignature(request, cloud, at + cloud.clockSkewMs);
    const by = caller ?? NOBODY;
    context.service = by.service;
    context.region = by.region;
    fault = cloud.faults.pick({ ...by, ...subject });
    reply = await replyUnderFault(cloud, request, by, context, fault);
  } catch (error) {
    if (cloud.closing.aborted) throw error;
    reply = errorReply(context, asApiError(error));
  }

  const delivery = planDelivery(fault, reply, context);
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
    effective: reply?.effective ?? false,
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

function refuseOtherTargets({ method, path }: SignedRequest, allowed: string): void {
  if (path !== '/') throw new ApiError('ServiceNotFound', `There is nothing at ${path}.`);
  if (method !== allowed) throw new ApiError('MethodNotAllowed', `The method ${method} is not allowed.`);
}

/** Undefined if the fault prevents the processing of the call. */
async function replyUnderFault(
  cloud: FakeCloud,
  request: SignedRequest,
  caller: Caller,
  context: ReplyContext,
  fault: Fault | undefined,
): Promise<Reply | undefined> {
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
  context: ReplyContext,
): Promise<Reply> {
  const { state } = cloud;
  const revision = state.revision;
  const reply = await runAction(cloud, request, caller, context);
  // A reply must still be true after a crash.
  if (state.revision !== revision) await cloud.persist();
  return reply;
}

async function runAction(
  cloud: FakeCloud,
  request: SignedRequest,
  caller: Caller,
  context: ReplyContext,
): Promise<Reply> {
  try {
    if (caller !== NOBODY) cloud.throttle.take(caller.account);
    const parameters = collectParameters([...request.query, ...request.form]);
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
    return successReply(context, result, effective);
  } catch (error) {
    if (error instanceof ApiError) return errorReply(context, error);
    throw error;
  }
}

async function pause(cloud: FakeCloud, durationMs: number): Promise<void> {
  if (durationMs > 0) await setTimeout(durationMs, undefined, { signal: cloud.closing });
}

/** Any other error is a defect of this fake, or its disk is full. The caller gets its message. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('InternalError', error instanceof Error ? error.message : String(error));
}
