import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { requestActivations } from '../lib/activation/request/request-activations.ts';
import { toWebhookProblem } from '../lib/api/problems/webhook-problems.ts';
import { readPayload } from '../lib/api/requests/webhook-payload.ts';
import { parseSelection } from '../lib/api/requests/webhook-selection.ts';
import type { RequestedActivationsResponse } from '../lib/api/responses/activation-responses.ts';
import { readSettings } from '../lib/config/settings.ts';
import { type HttpResponse, httpHandler } from '../lib/http/http-handler.ts';
import { readBytes } from '../lib/http/json-body.ts';
import { requestIdsOf } from '../lib/http/request-ids.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { log } from '../lib/runtime/telemetry.ts';
import { type AuthenticateDeps, authenticate } from '../lib/webhooks/inbound/authenticate.ts';
import { UnknownSource } from '../lib/webhooks/inbound/errors.ts';
import { isWanted } from '../lib/webhooks/inbound/select.ts';
import { scopeOf } from '../lib/webhooks/inbound/source.ts';
import { createSourceSecrets } from '../lib/webhooks/inbound/source-secrets.ts';
import { refreshed } from './wiring/configuration.ts';
import {
  createRequestServices,
  type Refreshable,
  type RequestServices,
  requestSettings,
} from './wiring/request-services.ts';
import { createWebhookSecretReader } from './wiring/webhook-secrets.ts';
import { type WebhookSources, webhookSettings } from './wiring/webhook-sources.ts';

type Services = RequestServices & AuthenticateDeps & { sources: WebhookSources };

const services = lazily((): Services & Refreshable => {
  const settings = readSettings({ ...requestSettings, ...webhookSettings });
  return {
    ...createRequestServices(settings),
    sources: settings.sources,
    secrets: createSourceSecrets({ log, read: createWebhookSecretReader({ log }) }),
  };
});

/** POST /webhooks/{source}. Verifies the signature before it parses or writes anything. */
export async function handleWebhook(deps: Services, event: APIGatewayProxyEventV2): Promise<HttpResponse> {
  const source = deps.sources.get(event.pathParameters?.source ?? '');
  if (source === undefined) throw new UnknownSource();
  const { headers } = event;
  const body = readBytes(event);
  const deliveryId = await authenticate(deps, source, { headers, body });
  deps.log.info('webhook authenticated', { source: scopeOf(source), deliveryId });

  const payload = readPayload(headers['content-type'] ?? '', body, source.formField);
  if (!isWanted(source, payload.value)) return { status: 204 };
  const { flowLogs, metadata } = parseSelection(source, payload, deps);
  const callerScope = scopeOf(source);
  const from = { callerScope, source: callerScope, requestedBy: callerScope, ...requestIdsOf(event) };
  const request = { ...from, idempotencyKey: deliveryId, flowLogs, metadata };
  const requested: RequestedActivationsResponse = await requestActivations(deps, request);
  return { status: 202, body: requested, headers: { location: `/batches/${requested.batchId}` } };
}

export const handler = httpHandler(
  async (event) => handleWebhook(await refreshed(services()), event),
  toWebhookProblem,
);
