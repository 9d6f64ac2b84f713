import fc from 'fast-check';
import { handleRead } from '../../functions/read-activations.ts';
import { handleRedrive } from '../../functions/redrive-activations.ts';
import {
  handleCancel,
  handleOperation,
  handlePause,
  handleRequest,
} from '../../functions/request-activations.ts';
import { ACTIVATION_STATUSES } from '../../lib/activation/model/activation.ts';
import { OPERATION_ACTIONS } from '../../lib/activation/model/operation.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import { ROW_STATES } from '../../lib/activation/policies/run.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { checkOpened } from './accepted-request.ts';
import { createCannedDynamoDb } from './canned-dynamodb.ts';
import { bodyNear, httpInput } from './http-input.ts';
import { httpSurface } from './http-surface.ts';
import { mostly, oddKey, oddText } from './odd-text.ts';
import type { Surface } from './surface.ts';
import {
  KNOWN_ACTIVATIONS,
  KNOWN_BATCHES,
  KNOWN_FLOW_LOGS,
  KNOWN_OPERATIONS,
  KNOWN_PLAN,
  KNOWN_RUN,
} from './world.ts';

const flowLogId = fc.constantFrom(...KNOWN_FLOW_LOGS, 'fl-new', 'fl-other');
const region = fc.constantFrom('cn-beijing', 'cn-shanghai');
const metadata = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 4 });
/** A problem names what is wrong: names that are long, escaped and many must not make it long. */
const loudMetadata = fc.dictionary(oddKey, fc.constant(1), { minKeys: 5, maxKeys: 30 });
const thousand = fc.constant(Array.from({ length: 1_000 }, (_, index) => `fl-${index}`));

const request = fc.record(
  {
    flowLogIds: fc.oneof(
      { weight: 20, arbitrary: fc.array(flowLogId, { minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: thousand },
    ),
    region,
    account: fc.constantFrom('default', 'narrow'),
    metadata: mostly<unknown>(metadata, loudMetadata, 15),
  },
  { requiredKeys: ['flowLogIds'] },
);

const activationId = mostly(
  fc.constantFrom(...KNOWN_ACTIVATIONS),
  fc.oneof(oddText, nearly(KNOWN_ACTIVATIONS)),
  2,
);
const batchId = mostly(fc.constantFrom(...KNOWN_BATCHES), fc.oneof(oddText, nearly(KNOWN_BATCHES)), 2);
const planId = mostly(fc.constant(KNOWN_PLAN), fc.oneof(oddText, nearly([KNOWN_PLAN])), 2);
const ofFailed = fc
  .constantFrom(...KNOWN_ACTIVATIONS.filter((id) => /fl-(failed|cancelled)/.test(id)))
  .map((id) => ({ activationId: id }));
const ofActivation = activationId.map((id) => ({ activationId: id }));

const cursor = fc.oneof(
  oddText,
  fc
    .oneof(
      oddText,
      fc.constantFrom(...KNOWN_ACTIVATIONS).map((id) => `001767323045000#${id}`),
    )
    .map((text) => Buffer.from(text).toString('base64url')),
);
const failureReason = fc.constantFrom(...FAILURE_REASONS);
const noneRequired = { requiredKeys: [] };
const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());

const listParameter: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(fc.constant('status'), mostly(fc.constantFrom<string>(...ACTIVATION_STATUSES), oddText)),
  fc.tuple(fc.constant('flowLogId'), mostly(flowLogId, oddText)),
  fc.tuple(fc.constant('region'), mostly(region, oddText)),
  fc.tuple(fc.constant('account'), mostly(fc.constantFrom('default', 'narrow'), oddText)),
  fc.tuple(fc.constant('batchId'), batchId),
  fc.tuple(fc.constant('reason'), mostly(failureReason, oddText)),
  fc.tuple(fc.constantFrom('held', 'drift'), mostly(fc.constant('true'), oddText)),
  fc.tuple(fc.constantFrom('createdFrom', 'createdUntil'), mostly(time, oddText)),
  fc.tuple(fc.constant('limit'), mostly(fc.nat(210).map(String), oddText)),
  fc.tuple(fc.constant('cursor'), cursor),
  fc.tuple(oddKey, oddText),
);

const ofPolicy = mostly(fc.constant(KNOWN_RUN.policy), oddText).map((policy) => ({ policy }));
const reportParameter: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(fc.constant('run'), mostly(fc.constant(KNOWN_RUN.runId), oddText)),
  fc.tuple(fc.constant('state'), mostly(fc.constantFrom<string>(...ROW_STATES), oddText)),
  fc.tuple(fc.constant('cursor'), mostly(fc.constant(`${KNOWN_RUN.runId}.0`), oddText)),
  fc.tuple(oddKey, oddText),
);
const reportQuery = fc.array(reportParameter, { maxLength: 3 });

const listQuery = fc.array(listParameter, { maxLength: 3 });

const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND');
const anyPath = fc
  .array(mostly(fc.constantFrom('activations', 'batches', 'healthz', 'redrive', 'x'), oddText), {
    maxLength: 5,
  })
  .map((segments) => `/${segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/')}`);

/** A route of read-activations. */
const reading = (
  routeKey: string,
  parts: Parameters<typeof httpInput>[0] = {},
  hasBothVerdicts = true,
): Surface =>
  httpSurface({
    routeKey,
    inputs: httpInput(parts),
    handle: (world) => (event) => handleRead(() => world, event),
    hasBothVerdicts,
  });

const operationFilter = fc.oneof(
  fc.constant({ all: true }),
  fc.record(
    {
      reason: failureReason,
      held: fc.constant(true),
      account: fc.constantFrom('default', 'narrow'),
      region,
      flowLogIds: fc.array(flowLogId, { minLength: 1, maxLength: 3 }),
      batchId,
      createdFrom: fc.constantFrom('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000+08:00'),
    },
    noneRequired,
  ),
);
const operation = fc.record(
  {
    action: fc.constantFrom(...OPERATION_ACTIONS),
    filter: operationFilter,
    limit: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['action', 'filter'] },
);
const ofOperation = mostly(
  fc.constantFrom(...KNOWN_OPERATIONS),
  fc.oneof(oddText, nearly(KNOWN_OPERATIONS)),
  2,
).map((id) => ({ operationId: id }));
const operationQuery: fc.Arbitrary<[string, string][]> = fc.array(
  fc.tuple(mostly(fc.constant('cursor'), oddKey), mostly(fc.constantFrom('1', '2'), oddText)),
  { maxLength: 1 },
);

/** A route of an account. */
const ofAccount = (routeKey: string): Surface =>
  httpSurface({
    routeKey,
    inputs: httpInput({
      pathParameters: fc.record({ alias: mostly(fc.constantFrom('default', 'narrow'), oddText) }),
      body: bodyNear(fc.record({ why: fc.string({ minLength: 1, maxLength: 500 }) }, noneRequired)),
    }),
    handle: (world) => (event) => handlePause(world, event),
  });

export const HTTP_SURFACES: readonly Surface[] = [
  httpSurface({
    routeKey: 'POST /activations',
    inputs: httpInput({ body: bodyNear(request) }),
    handle: (world) => (event) => handleRequest(world, event),
    whenAccepted: checkOpened,
  }),
  httpSurface({
    routeKey: 'POST /deactivations',
    inputs: httpInput({ body: bodyNear(request) }),
    handle: (world) => (event) =>
      handleRequest({ ...world, allowsDeactivation: true }, event, { desired: 'Inactive' }),
    whenAccepted: checkOpened,
  }),
  reading('GET /activations', { query: listQuery }),
  httpSurface({
    routeKey: 'GET /activations',
    name: 'GET /activations, DynamoDB',
    inputs: httpInput({ query: listQuery }),
    handle: (world) => {
      const store = createDynamoDbActivationStore(createCannedDynamoDb([]).client, 'activations', world);
      return (event) => handleRead(() => ({ ...world, store }), event);
    },
  }),
  reading('GET /activations/{activationId}', { pathParameters: ofActivation }),
  httpSurface({
    routeKey: 'DELETE /activations/{activationId}',
    inputs: httpInput({ pathParameters: ofActivation }),
    handle: (world) => (event) => handleCancel(world, event),
  }),
  httpSurface({
    routeKey: 'POST /activations/{activationId}/redrive',
    inputs: httpInput({
      pathParameters: fc.oneof(ofActivation, ofFailed),
      body: bodyNear(fc.record({ generation: fc.integer({ min: 1, max: 3 }) }, noneRequired)),
    }),
    handle: (world) => (event) => handleRedrive(() => world, event),
    dependsOnState: true,
  }),
  httpSurface({
    routeKey: 'POST /dead-letters/redrive',
    inputs: httpInput({
      body: bodyNear(
        fc.record({ reason: failureReason, limit: fc.integer({ min: 1, max: 3 }) }, noneRequired),
      ),
    }),
    handle: (world) => (event) => handleRedrive(() => world, event),
  }),
  reading('GET /batches/{batchId}', { pathParameters: batchId.map((id) => ({ batchId: id })) }),
  httpSurface({
    routeKey: 'POST /operations',
    inputs: httpInput({ body: bodyNear(operation) }),
    handle: (world) => (event) => handleOperation(world, event),
  }),
  reading('GET /operations'),
  reading('GET /operations/{operationId}', { pathParameters: ofOperation, query: operationQuery }),
  httpSurface({
    routeKey: 'DELETE /operations/{operationId}',
    inputs: httpInput({ pathParameters: ofOperation }),
    handle: (world) => (event) => handleOperation(world, event),
  }),
  ofAccount('PUT /accounts/{alias}/pause'),
  ofAccount('DELETE /accounts/{alias}/pause'),
  reading('GET /plans/{planId}', { pathParameters: planId.map((id) => ({ planId: id })) }),
  reading('GET /reports'),
  reading('GET /reports/{policy}', { pathParameters: ofPolicy, query: reportQuery }),
  reading('GET /reports/{policy}/runs', { pathParameters: ofPolicy, query: reportQuery }),
  reading('GET /status'),
  reading('GET /healthz', {}, false),
  reading('GET /openapi.json', {}, false),
  reading('$default', { pathParameters: fc.record({ method, path: anyPath }) }, false),
];

/** One of them with a piece cut out, doubled or replaced. */
function nearly(ids: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...ids), fc.nat(80), fc.nat(4), oddText)
    .map(([id, at, removed, added]) => id.slice(0, at) + added.slice(0, 50) + id.slice(at + removed));
}
