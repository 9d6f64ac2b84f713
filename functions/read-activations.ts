import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import openapi from '../contracts/openapi.json' with { type: 'json' };
import type { PlanStore } from '../lib/activation/batches/ports.ts';
import { readPlan } from '../lib/activation/batches/read-plan.ts';
import type { FlowLogRef } from '../lib/activation/model/activation.ts';
import type { Policy } from '../lib/activation/model/policy.ts';
import type { ActivationStore, Clock } from '../lib/activation/model/ports.ts';
import type { OperationStore } from '../lib/activation/operations/ports.ts';
import { readOperation, readRefusals } from '../lib/activation/operations/request-operation.ts';
import type { RunStore } from '../lib/activation/policies/ports.ts';
import { readReport, readRuns } from '../lib/activation/policies/read-reports.ts';
import { listActivations, readActivation, readBatch } from '../lib/activation/read-activations.ts';
import { readStatus, type StatusDeps } from '../lib/activation/status/read-status.ts';
import { toProblem } from '../lib/api/problems/error-to-problem.ts';
import { callerOf } from '../lib/api/requests/caller-scope.ts';
import { parseListQuery } from '../lib/api/requests/list-query.ts';
import { operationQuerySchema } from '../lib/api/requests/operation-request.ts';
import { parseReportQuery, runsQuerySchema } from '../lib/api/requests/report-query.ts';
import type { ActivationPageResponse } from '../lib/api/responses/activation-responses.ts';
import { activationView } from '../lib/api/responses/activation-view.ts';
import type { BatchResponse } from '../lib/api/responses/batch-responses.ts';
import type { HealthResponse } from '../lib/api/responses/health-response.ts';
import {
  type OperationListResponse,
  type OperationResponse,
  operationView,
} from '../lib/api/responses/operation-responses.ts';
import { storedPlanView } from '../lib/api/responses/plan-view.ts';
import { reportResponse } from '../lib/api/responses/report-response.ts';
import { type RunListResponse, reportListView, runSummary } from '../lib/api/responses/report-responses.ts';
import { statusView } from '../lib/api/responses/status-view.ts';
import { unknownRoute } from '../lib/api/routes.ts';
import { parseRequest } from '../lib/api/schema-helpers.ts';
import { createDynamoDbPlanStore } from '../lib/aws/dynamodb-plan-store.ts';
import { createDynamoDbRunStore } from '../lib/aws/dynamodb-run-store.ts';
import { readSettings } from '../lib/config/settings.ts';
import { type HttpResponse, httpHandler } from '../lib/http/http-handler.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log } from '../lib/runtime/telemetry.ts';
import { statusServices } from './wiring/status.ts';
import {
  createClient,
  createOperations,
  createStore,
  policySettings,
  regionSettings,
  tableSettings,
} from './wiring/workflow.ts';

type Services = {
  store: ActivationStore;
  operations: OperationStore;
  plans: Pick<PlanStore, 'read'>;
  runs: RunStore;
  now: Clock;
  region: string;
  policy: Pick<Policy, 'requeueAfterMs'>;
  /** Built at the first request for the status, so that nothing else needs its settings. */
  statusDeps: () => StatusDeps;
};

const services = lazily((): Services => {
  const { requeueAfterMs } = policySettings;
  const settings = readSettings({ ...tableSettings, ...regionSettings, requeueAfterMs });
  const client = createClient();
  return {
    store: createStore(settings, client),
    operations: createOperations(settings, client),
    runs: createDynamoDbRunStore(client, settings.tableName, { log, metrics: counters, now: Date.now }),
    plans: createDynamoDbPlanStore(client, settings.tableName, randomUUID, { log, metrics: counters }),
    now: Date.now,
    region: settings.region,
    policy: settings,
    statusDeps: lazily(() => statusServices(client)),
  };
});

/** Routes without data of activations. They need no caller. */
const PUBLIC_ROUTES = ['GET /healthz', 'GET /openapi.json', '$default'];

const OPERATIONS_SHOWN = 50;
const RUNS_SHOWN = 50;

/** The GET routes, and `$default` for unknown routes. */
export async function handleRead(deps: () => Services, event: APIGatewayProxyEventV2): Promise<HttpResponse> {
  if (!PUBLIC_ROUTES.includes(event.routeKey)) callerOf(event);
  const parameters = event.pathParameters ?? {};
  const { activationId = '', batchId = '', operationId = '', planId = '', policy: name = '' } = parameters;
  switch (event.routeKey) {
    case 'GET /healthz':
      return { status: 200, body: { status: 'ok' } satisfies HealthResponse };
    case 'GET /openapi.json':
      return { status: 200, body: openapi };
    case 'GET /activations/{activationId}': {
      const { store, policy } = deps();
      return { status: 200, body: activationView(await readActivation(store, activationId), policy) };
    }
    case 'GET /activations': {
      const { store, region, policy } = deps();
      const page = await listActivations(store, parseListQuery(event.queryStringParameters, region));
      const { activations, unreadable, ...rest } = page;
      const shown = {
        activations: activations.map((one) => activationView(one, policy)),
        ...ifAny(unreadable),
        ...rest,
      };
      return { status: 200, body: shown satisfies ActivationPageResponse };
    }
    case 'GET /batches/{batchId}': {
      const { unreadable, ...summary } = await readBatch(deps().store, batchId);
      return { status: 200, body: { ...summary, ...ifAny(unreadable) } satisfies BatchResponse };
    }
    case 'GET /operations': {
      const newest = await deps().operations.newest(OPERATIONS_SHOWN);
      return { status: 200, body: { operations: newest.map(operationView) } satisfies OperationListResponse };
    }
    case 'GET /operations/{operationId}': {
      const { cursor } = parseRequest(operationQuerySchema, event.queryStringParameters ?? {});
      const { operations } = deps();
      const operation = await readOperation(operations, operationId);
      const page = await readRefusals(operations, operation, Number(cursor ?? 1));
      return { status: 200, body: { ...operationView(operation), ...page } satisfies OperationResponse };
    }
    case 'GET /reports':
      return { status: 200, body: reportListView(await deps().runs.states(), deps().now()) };
    case 'GET /reports/{policy}': {
      const query = { policy: name, ...parseReportQuery(event) };
      return reportResponse(await readReport(deps().runs, query), query);
    }
    case 'GET /reports/{policy}/runs': {
      const { cursor } = parseRequest(runsQuerySchema, event.queryStringParameters ?? {});
      const { runs, ...rest } = await readRuns(deps().runs, name, RUNS_SHOWN, cursor);
      return { status: 200, body: { runs: runs.map(runSummary), ...rest } satisfies RunListResponse };
    }
    case 'GET /plans/{planId}':
      return { status: 200, body: storedPlanView(await readPlan(deps(), planId)) };
    case 'GET /status':
      return { status: 200, body: statusView(await readStatus(deps().statusDeps()), openapi.info.version) };
    default:
      throw unknownRoute(event.requestContext.http.method, event.rawPath);
  }
}

function ifAny(unreadable: FlowLogRef[]): { unreadable?: FlowLogRef[] } {
  return unreadable.length > 0 ? { unreadable } : {};
}

export const handler = httpHandler((event) => handleRead(services, event), toProblem);
