import * as v from 'valibot';
import { requestedActivationsSchema } from '../responses/activation-responses.ts';
import { requested } from './activation-examples.ts';
import { BODY_PROBLEMS, batchLocation, type Operation, type Parameter } from './operation.ts';

const header = (description: string): Parameter => ({ schema: v.string(), description });

export const WEBHOOK_OPERATIONS = {
  'POST /webhooks/{source}': {
    operationId: 'receiveWebhook',
    tag: 'Webhooks',
    summary: "Take a sender's signed webhook",
    description:
      'The configuration of a source says how its sender signs, which payloads matter, and which expressions select flow ' +
      'logs, region, account and metadata. The selected values follow the rules of `POST /activations`. The signature ' +
      'is verified over the raw bytes before anything is parsed. The delivery id is the idempotency key; each source ' +
      'has its own keys. If the sender has no delivery id, the body is used instead. The headers below are those of ' +
      'the built-in schemes; a source of scheme `hmac` uses the headers of its configuration.',
    security: 'signature',
    pathParameters: {
      source: {
        schema: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
        description: 'The name of a configured source.',
        required: true,
      },
    },
    headers: {
      'webhook-id': header('Standard Webhooks: the id of the delivery.'),
      'webhook-timestamp': header(
        'Standard Webhooks: the time of the signature in seconds, at most 5 minutes from now.',
      ),
      'webhook-signature': header('Standard Webhooks: one or more signatures, separated by spaces.'),
      'X-Hub-Signature-256': header('GitHub: `sha256=` and the HMAC of the body in hex.'),
      'X-GitHub-Delivery': header('GitHub: the id of the delivery.'),
      'X-TFE-Notification-Signature': header('Terraform Cloud: the HMAC-SHA512 of the body in hex.'),
    },
    body: {
      required: true,
      content: {
        'application/json': {
          schema: v.pipe(
            v.unknown(),
            v.description("The sender's own payload. `application/…+json` counts as JSON."),
          ),
          examples: {
            'As the source is configured': { client_payload: { flow_log_ids: ['fl-2d6m9xk4q8zy85oxruvg1'] } },
          },
        },
        'application/x-www-form-urlencoded': {
          schema: v.pipe(
            v.object({ payload: v.string() }),
            v.description('Only from GitHub: the payload as JSON in a form field.'),
          ),
          examples: {
            'As the source is configured': {
              payload: '{"client_payload": {"flow_log_ids": ["fl-2d6m9xk4q8zy85oxruvg1"]}}',
            },
          },
        },
      },
    },
    responses: {
      202: {
        description: 'Stored. A repeated delivery gets the same ids.',
        body: { schema: requestedActivationsSchema, examples: { 'One flow log': requested } },
        headers: batchLocation,
      },
      204: {
        description: 'The signature is valid, but the payload does not match `when`. Nothing was done.',
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'signature-refused',
      'webhook-source-not-found',
      'idempotency-key-reused',
      'opposite-request-open',
      'configuration-unread',
      'request-unfinished',
      'secrets-unavailable',
      'record-unreadable',
    ],
  },
} satisfies Record<string, Operation>;
