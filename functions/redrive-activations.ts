import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type RedriveDeps, redriveActivation } from '../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../lib/activation/redrive/redrive-failed.ts';
import { toProblem } from '../lib/api/problems/error-to-problem.ts';
import { callerOf } from '../lib/api/requests/caller-scope.ts';
import { bulkRedriveRequestSchema, redriveRequestSchema } from '../lib/api/requests/redrive-request.ts';
import type { BulkRedriveResponse } from '../lib/api/responses/activation-responses.ts';
import { activationView } from '../lib/api/responses/activation-view.ts';
import { parseRequest } from '../lib/api/schema-helpers.ts';
import { scopeCheckOf } from '../lib/config/accounts.ts';
import { readSettings } from '../lib/config/settings.ts';
import { type HttpResponse, httpHandler } from '../lib/http/http-handler.ts';
import { readOptionalJsonBody } from '../lib/http/json-body.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { createConfiguration, refreshed } from './wiring/configuration.ts';
import type { Refreshable } from './wiring/request-services.ts';
import { createApi, volcengineSettings } from './wiring/volcengine.ts';
import { createWorkflow, tickSettings, withWakingStore, workflowSettings } from './wiring/workflow.ts';

const services = lazily((): RedriveDeps & Refreshable => {
  const settings = readSettings({
    ...workflowSettings,
    ...volcengineSettings,
    ...tickSettings,
  });
  const configuration = createConfiguration(settings);
  return {
    configuration,
    ...withWakingStore(createWorkflow(settings), settings),
    api: createApi(settings, configuration),
    scopeRefusal: scopeCheckOf(configuration.accounts),
  };
});

/** Time at the end of the invocation for the page that is in progress. */
const PAGE_MS = 15_000;

/**
 * POST /activations/{activationId}/redrive and POST /dead-letters/redrive. Starts no page after `until` (ms since the
 * epoch).
 */
export async function handleRedrive(
  deps: () => RedriveDeps,
  event: APIGatewayProxyEventV2,
  until = Number.POSITIVE_INFINITY,
): Promise<HttpResponse> {
  const { principal: by } = callerOf(event);
  const body = readOptionalJsonBody(event);
  if (event.routeKey === 'POST /dead-letters/redrive') {
    const redriven: BulkRedriveResponse = await redriveFailed(deps(), {
      ...parseRequest(bulkRedriveRequestSchema, body),
      by,
      until,
    });
    return { status: 202, body: redriven };
  }
  const { generation } = parseRequest(redriveRequestSchema, body);
  const activationId = event.pathParameters?.activationId ?? '';
  const { activation } = await redriveActivation(deps(), activationId, by, generation);
  return { status: 202, body: activationView(activation, deps().policy) };
}

export const handler = httpHandler(async (event, context) => {
  const deps = await refreshed(services());
  return handleRedrive(() => deps, event, Date.now() + context.getRemainingTimeInMillis() - PAGE_MS);
}, toProblem);
