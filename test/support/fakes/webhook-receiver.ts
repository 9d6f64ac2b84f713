import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { handleWebhook } from '../../../functions/receive-webhook.ts';
import { createWebhookSecretReader } from '../../../functions/wiring/webhook-secrets.ts';
import { webhookSettings } from '../../../functions/wiring/webhook-sources.ts';
import { toWebhookProblem } from '../../../lib/api/problems/webhook-problems.ts';
import { httpHandler } from '../../../lib/http/http-handler.ts';
import { createSourceSecrets } from '../../../lib/webhooks/inbound/source-secrets.ts';
import { inMemoryDeps } from '../builders/in-memory-deps.ts';
import { context, httpEvent } from './lambda.ts';

export type WebhookRequest = {
  source: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** As API Gateway hands on what it does not take for text, which bytes that are not UTF-8 never are. */
  base64?: boolean;
  /** What else is in the event. */
  event?: Partial<APIGatewayProxyEventV2> & { multiValueHeaders?: Record<string, string[]> };
};

/** What is stored now, read anew each time. */
type ReadStored = (secretId: string) => Promise<readonly string[]>;

const noSecrets: ReadStored = () => Promise.reject(new Error('no secret is stored'));

/** POST /webhooks/{source} with its whole stack, over a table in memory, at a time that the test sets. */
export function createWebhookReceiver(sources: string, read: ReadStored = noSecrets) {
  const world = inMemoryDeps();
  const deps = {
    ...world,
    sources: webhookSettings.sources.parse(sources),
    secrets: createSourceSecrets({
      ...world,
      read: createWebhookSecretReader({
        ...world,
        fetchSecret: async (secretId) => JSON.stringify({ secrets: await read(secretId) }),
      }),
    }),
  };
  const handler = httpHandler((event) => handleWebhook(deps, event), toWebhookProblem);

  const post = async ({ source, headers = {}, body = '', base64, event = {} }: WebhookRequest) => {
    const bytes = Buffer.from(body);
    const isBase64Encoded = base64 ?? !isUtf8(bytes);
    const request = httpEvent('POST', `/webhooks/${source}`, {
      routeKey: 'POST /webhooks/{source}',
      pathParameters: { source },
      headers: { 'content-type': 'application/json', ...headers },
      body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'),
      isBase64Encoded,
      ...event,
    });
    const answer = await handler(request, context());
    const text = answer.body;
    return { status: answer.statusCode, text, body: JSON.parse(text ?? 'null'), headers: answer.headers };
  };
  return { ...world, post };
}
