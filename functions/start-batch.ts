import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { viewOf } from '../lib/activation/batches/plan.ts';
import {
  executePlan,
  planBatch,
  type StartedPlan,
  startBatch,
} from '../lib/activation/batches/start-batch.ts';
import { toProblem } from '../lib/api/problems/error-to-problem.ts';
import { parseBatchRequest } from '../lib/api/requests/batch-request.ts';
import { callerOf } from '../lib/api/requests/caller-scope.ts';
import type { StartedPlanResponse } from '../lib/api/responses/batch-responses.ts';
import { planView } from '../lib/api/responses/plan-view.ts';
import { readSettings } from '../lib/config/settings.ts';
import { type HttpResponse, httpHandler } from '../lib/http/http-handler.ts';
import { readJsonBody } from '../lib/http/json-body.ts';
import { requestIdsOf } from '../lib/http/request-ids.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { type BatchServices, batchServices, batchSettings } from './wiring/batches.ts';
import { refreshed } from './wiring/configuration.ts';

const services = lazily(() => batchServices(readSettings(batchSettings)));

/** 50 calls. They take ten seconds at 4 calls per second with a burst of 10. */
const FLOW_LOGS_LIMIT = 5_000;
/** Time after the last call to read the open activations and store the plan. */
const STORE_MS = 5_000;
/** Time to store and open the batches. */
const OPEN_MS = 5_000;
/** Time at the end for the writes that are in progress. */
const LAST_WRITES_MS = 3_000;

/** POST /batches */
export async function handleStart(
  deps: BatchServices,
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<HttpResponse> {
  const caller = callerOf(event);
  const request = parseBatchRequest(readJsonBody(event), event.headers['idempotency-key'], deps);
  const remainingMs = context.getRemainingTimeInMillis();
  const opensBatches = request.kind === 'plan' || !request.dryRun;
  const reservedMs = deps.policy.callTimeoutMs + STORE_MS + (opensBatches ? OPEN_MS : 0);
  const limit = {
    flowLogs: FLOW_LOGS_LIMIT,
    selectBy: deps.now() + remainingMs - reservedMs,
    openUntil: deps.now() + remainingMs - LAST_WRITES_MS,
  };
  const requester = { source: 'api', requestedBy: caller.principal, ...requestIdsOf(event) };
  if (request.kind === 'plan')
    return startedResponse(await executePlan(deps, { ...request, ...requester }, limit));

  const selectorRequest = { ...request, ...requester, callerScope: caller.scope };
  if (!request.dryRun) return startedResponse(await startBatch(deps, selectorRequest, limit));
  return { status: 200, body: planView(await planBatch(deps, selectorRequest, limit)) };
}

/** 202, or 200 if there was nothing to start. */
function startedResponse({ plan, batches }: StartedPlan): HttpResponse {
  const { counts } = viewOf(plan.flowLogs);
  const body: StartedPlanResponse = { planId: plan.planId, counts, batches };
  return { status: batches.length > 0 ? 202 : 200, body };
}

export const handler = httpHandler(
  async (event, context) => handleStart(await refreshed(services()), event, context),
  toProblem,
);
