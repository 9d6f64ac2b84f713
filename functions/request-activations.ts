import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type CancelDeps, cancelActivation } from '../lib/activation/cancel-activation.ts';
import { type RequestDeps, requestActivations } from '../lib/activation/request-activations.ts';
import { readSettings } from '../lib/runtime/configuration.ts';
import { httpStack } from '../lib/runtime/http-stack.ts';
import { readJsonBody } from '../lib/runtime/json-body.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { log } from '../lib/runtime/telemetry.ts';
import { type Accounts, accountSettings, accountsOf } from './compose/accounts.ts';
import {
  createQueue,
  createStore,
  endpointSettings,
  newBatchId,
  policyOf,
  policySettings,
  queueSettings,
  regionSettings,
  tableSettings,
} from './compose/workflow.ts';
import { parseActivationRequest } from './http/activation-request.ts';
import { activationView } from './http/activation-view.ts';
import type { RequestedActivationsAnswer } from './http/answers/activation-answers.ts';
import { callerOf } from './http/caller-scope.ts';
import { toProblem } from './http/problems.ts';

type Services = RequestDeps & { region: string; accounts: Accounts; endpoint?: string };

const services = lazily((): Services => {
  const settings = readSettings({
    ...tableSettings,
    ...queueSettings,
    ...policySettings,
    ...accountSettings,
    ...regionSettings,
    ...endpointSettings,
  });
  return {
    store: createStore(settings),
    queue: createQueue(settings),
    policy: policyOf(settings),
    now: Date.now,
    newBatchId,
    log,
    region: settings.region,
    endpoint: settings.endpoint,
    accounts: accountsOf(settings),
  };
});

/** POST /activations */
export async function handleRequest(deps: Services, event: APIGatewayProxyEventV2) {
  const caller = callerOf(event);
  const body = readJsonBody(event);
  const { flowLogs, metadata, idempotencyKey } = parseActivationRequest(
    body,
    event.headers['idempotency-key'],
    deps,
  );
  const answer: RequestedActivationsAnswer = await requestActivations(deps, {
    callerScope: caller.scope,
    requestedBy: caller.principal,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    flowLogs,
    metadata,
    source: 'api',
  });
  return { status: 202, body: answer, headers: { location: `/batches/${answer.batchId}` } };
}

/** DELETE /activations/{activationId} */
export async function handleCancel(deps: CancelDeps, event: APIGatewayProxyEventV2) {
  const { principal } = callerOf(event);
  const activation = await cancelActivation(deps, event.pathParameters?.activationId ?? '', principal);
  return { status: 202, body: activationView(activation) };
}

export const handler = httpStack((event) => {
  const isCancel = event.routeKey === 'DELETE /activations/{activationId}';
  return isCancel ? handleCancel(services(), event) : handleRequest(services(), event);
}, toProblem);
