import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import * as v from 'valibot';
import { handleWebhook } from '../../functions/receive-webhook.ts';
import { webhookSettings } from '../../functions/wiring/webhook-sources.ts';
import { toWebhookProblem } from '../../lib/api/problems/webhook-problems.ts';
import { createSourceSecrets } from '../../lib/webhooks/inbound/source-secrets.ts';
import { bodyNear, type HttpInput, httpInput } from './http-input.ts';
import { httpSurface } from './http-surface.ts';
import { mostly, oddKey, oddText } from './odd-text.ts';
import { require, type Surface } from './surface.ts';
import { KNOWN_FLOW_LOGS, type World } from './world.ts';

const SECRET = 'a secret that is long enough';
const STANDARD = new Webhook(Buffer.from(SECRET), { format: 'raw' });
const SIGNED_AT = '1767323045';
const select = {
  flowLogIds: 'ids[].id || ids',
  region: "region || 'cn-beijing'",
  account: "account || 'default'",
  metadata: '{a: m.a, b: not_null(n, `1`), c: to_string(wanted)}',
};

const sources = webhookSettings.sources.parse(
  JSON.stringify({
    github: { scheme: 'github', secrets: [SECRET], when: 'wanted', select },
    plain: {
      scheme: 'hmac',
      header: 'x-signature',
      secrets: [SECRET],
      select: { flowLogIds: 'sort(ids[?length(@) > `0`])', metadata: 'm' },
    },
    standard: {
      scheme: 'standard-webhooks',
      secrets: [Buffer.from(SECRET).toString('base64')],
      select,
    },
  }),
);

const oddMember = fc.oneof(fc.dictionary(oddKey, fc.jsonValue(), { maxKeys: 3 }), fc.jsonValue());
const flowLogId = fc.constantFrom(...KNOWN_FLOW_LOGS, 'fl-new', 'fl-other');
const payload = fc.record(
  {
    ids: fc.oneof(
      flowLogId,
      fc.array(flowLogId, { maxLength: 5 }),
      fc.array(
        flowLogId.map((id) => ({ id })),
        { maxLength: 3 },
      ),
    ),
    wanted: mostly<unknown>(fc.constant(true), fc.jsonValue()),
    region: fc.constantFrom('cn-beijing', 'cn-shanghai'),
    account: fc.constantFrom('default', 'narrow'),
    m: mostly<unknown>(fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), oddMember),
    n: mostly<unknown>(fc.integer(), fc.jsonValue()),
  },
  { requiredKeys: ['ids', 'wanted'] },
);

const signedHeader = fc.constantFrom('x-hub-signature-256', 'x-signature', 'webhook-signature');
const source = mostly(fc.constantFrom('github', 'plain', 'standard'), oddText, 12);

/** Mostly signed, whatever the body has become; then what is behind the signature is tried. */
const input = fc
  .record({
    sent: httpInput({ body: bodyNear(payload), pathParameters: fc.record({ source }) }),
    odd: mostly(fc.constant({}), fc.dictionary(signedHeader, oddText)),
    deliveryId: mostly(fc.constantFrom('id-1', 'id-2'), oddText, 8),
  })
  .map(({ sent, odd, deliveryId }): HttpInput => {
    const hex = createHmac('sha256', SECRET).update(sent.body).digest('hex');
    const headers = {
      'webhook-id': deliveryId,
      'webhook-timestamp': SIGNED_AT,
      'webhook-signature': STANDARD.sign(
        deliveryId,
        new Date(Number(SIGNED_AT) * 1_000),
        sent.body.toString(),
      ),
      'x-github-delivery': deliveryId,
      'x-hub-signature-256': `sha256=${hex}`,
      'x-signature': hex,
    };
    return { ...sent, headers: { ...sent.headers, ...headers, ...odd } };
  });

const answered = v.object({
  batchId: v.string(),
  activations: v.pipe(
    v.array(v.object({ flowLogId: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/)) })),
    v.minLength(1),
    v.maxLength(1_000),
  ),
});

/** Nothing is written for what is passed over, and what is asked for stands in the table under its source. */
function checkTaken(event: APIGatewayProxyEventV2, body: unknown, { store }: World): void {
  if (body === null) {
    require(store.writes.length === 0, () => `passed over, but written: ${store.writes}`);
    return;
  }
  const { batchId, activations } = v.parse(answered, body);
  const batch = store.batches.get(batchId);
  const scope = `webhook:${event.pathParameters?.source}`;
  require(batch?.source === scope, 'accepted, but its batch is not in the table');
  const named = new Set(batch.flowLogs.map((flowLog) => flowLog.flowLogId));
  require(activations.every((activation) => named.has(activation.flowLogId)), 'it answers other flow logs');
}

export const WEBHOOK_SURFACE: Surface = httpSurface({
  routeKey: 'POST /webhooks/{source}',
  inputs: input,
  toProblem: toWebhookProblem,
  handle: (world) => {
    const read = () => Promise.reject(new Error('no secret is stored'));
    const secrets = createSourceSecrets({ ...world, read });
    return (event) => handleWebhook({ ...world, sources, secrets }, event);
  },
  whenAccepted: checkTaken,
});
