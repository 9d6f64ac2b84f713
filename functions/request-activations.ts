import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Directed } from '../lib/activation/model/goal.ts';
import {
  abortOperation,
  type OperationDeps,
  requestOperation,
} from '../lib/activation/operations/request-operation.ts';
import { type PauseDeps, pauseAccount, resumeAccount } from '../lib/activation/quota/pause-account.ts';
import { type CancelDeps, cancelActivation } from '../lib/activation/request/cancel-activation.ts';
import { requestActivations } from '../lib/activation/request/request-activations.ts';
import { toProblem } from '../lib/api/problems/error-to-problem.ts';
import { parseActivationRequest } from '../lib/api/requests/activation-request.ts';
import { callerOf } from '../lib/api/requests/caller-scope.ts';
import { parseOperationRequest } from '../lib/api/requests/operation-request.ts';
import { configuredAccount, pauseRequestSchema } from '../lib/api/requests/pause-request.ts';
import type { RequestedActivationsResponse } from '../lib/api/responses/activation-responses.ts';
import { activationView } from '../lib/api/responses/activation-view.ts';
import { operationView, type RequestedOperationResponse } from '../lib/api/responses/operation-responses.ts';
import { pauseView } from '../lib/api/responses/pause-response.ts';
import { parseRequest } from '../lib/api/schema-helpers.ts';
import type { Accounts } from '../lib/config/accounts.ts';
import { readSettings } from '../lib/config/settings.ts';
import { type HttpResponse, httpHandler } from '../lib/http/http-handler.ts';
import { readJsonBody, readOptionalJsonBody } from '../lib/http/json-body.ts';
import { requestIdsOf } from '../lib/http/request-ids.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { refreshed } from './wiring/configuration.ts';
import {
  createRequestServices,
  type Refreshable,
  type RequestServices,
  requestSettings,
} from './wiring/request-services.ts';
import { tickSettings, withWakingStore } from './wiring/workflow.ts';

type Services = RequestServices & OperationDeps;

const services = lazily((): Services & Refreshable => {
  const settings = readSettings({ ...requestSettings, ...tickSettings });
  return withWakingStore(createRequestServices(settings), settings);
});

/** POST /activations, POST /deactivations */
export async function handleRequest(
  deps: RequestServices,
  event: APIGatewayProxyEventV2,
  direction: Directed = {},
) {
  const caller = callerOf(event);
  const body = readJsonBody(event);
  const { flowLogs, metadata, idempotencyKey } = parseActivationRequest(
    body,
    event.headers['idempotency-key'],
    deps,
  );
  const requested: RequestedActivationsResponse = await requestActivations(deps, {
    ...direction,
    callerScope: caller.scope,
    requestedBy: caller.principal,
    ...requestIdsOf(event),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    flowLogs,
    metadata,
    source: 'api',
  });
  return { status: 202, body: requested, headers: { location: `/batches/${requested.batchId}` } };
}

/** DELETE /activations/{activationId} */
export async function handleCancel(
  deps: CancelDeps & Pick<RequestServices, 'policy'>,
  event: APIGatewayProxyEventV2,
) {
  const { principal } = callerOf(event);
  const activation = await cancelActivation(deps, event.pathParameters?.activationId ?? '', principal);
  return { status: 202, body: activationView(activation, deps.policy) };
}

/** PUT and DELETE /accounts/{alias}/pause */
export async function handlePause(
  deps: PauseDeps & { accounts: Accounts },
  event: APIGatewayProxyEventV2,
): Promise<HttpResponse> {
  const { principal: by } = callerOf(event);
  const account = configuredAccount(deps.accounts, event.pathParameters?.alias);
  if (event.routeKey === 'DELETE /accounts/{alias}/pause') {
    await resumeAccount(deps, account, by);
    return { status: 200, body: pauseView(account) };
  }
  const { why } = parseRequest(pauseRequestSchema, readOptionalJsonBody(event));
  return { status: 200, body: pauseView(account, await pauseAccount(deps, account, { by, why })) };
}

/** POST /operations, DELETE /operations/{operationId} */
export async function handleOperation(
  deps: OperationDeps & { region: string },
  event: APIGatewayProxyEventV2,
): Promise<HttpResponse> {
  const { scope: callerScope, principal: by } = callerOf(event);
  if (event.routeKey === 'DELETE /operations/{operationId}') {
    const aborted = await abortOperation(deps, event.pathParameters?.operationId ?? '', by);
    return { status: 202, body: operationView(aborted) };
  }
  const request = parseOperationRequest(readJsonBody(event), event.headers['idempotency-key'], deps);
  const { operationId, status } = await requestOperation(deps, { ...request, callerScope, requestedBy: by });
  const body: RequestedOperationResponse = { operationId, status };
  return { status: 202, body, headers: { location: `/operations/${operationId}` } };
}

/** All routes of this function. */
export function handleRoute(deps: Services, event: APIGatewayProxyEventV2): Promise<HttpResponse> {
  switch (event.routeKey) {
    case 'POST /activations':
      return handleRequest(deps, event);
    case 'POST /deactivations':
      return handleRequest(deps, event, { desired: 'Inactive' });
    case 'DELETE /activations/{activationId}':
      return handleCancel(deps, event);
    case 'POST /operations':
    case 'DELETE /operations/{operationId}':
      return handleOperation(deps, event);
    default:
      return handlePause(deps, event);
  }
}

export const handler = httpHandler(
  async (event) => handleRoute(await refreshed(services()), event),
  toProblem,
);
