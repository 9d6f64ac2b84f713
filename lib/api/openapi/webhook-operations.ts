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
      'The source is configured: how its sender signs, which payloads matter, and which expressions pick flow logs, ' +
      'region, account and metadata out of them. What they pick is held to the rules of `POST /activations`. The ' +
      'signature is verified over the raw bytes before anything is parsed. The delivery id is the idempotency key, for ' +
      'each source its own; where a sender has none, the body stands for it. The headers below are those of the ' +
      'built-in schemes; a source of scheme `hmac` has the ones of its configuration.',
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
        'Standard Webhooks: when it was signed, at most 5 minutes away, in seconds.',
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
            v.description("The sender's own payload; `application/…+json` is taken for JSON too."),
          ),
          examples: {
            'As the source is configured': { client_payload: { flow_log_ids: ['fl-2d6m9xk4q8zy85oxruvg1'] } },
          },
        },
        'application/x-www-form-urlencoded': {
          schema: v.pipe(
            v.object({ payload: v.string() }),
            v.description('From GitHub only: the payload as JSON in a field of a form.'),
          ),
          examples: {
            'As the source is configured': {
              payload: '{"client_payload": {"flow_log_ids": ["fl-2d6m9xk4q8zy85oxruvg1"]}}',
            },
          },
        },
      },
    },
    answers: {
      202: {
        description: 'Stored. The same delivery again is answered with the same ids.',
        body: { schema: requestedActivationsSchema, examples: { 'One flow log': requested } },
        headers: batchLocation,
      },
      204: { description: 'Well signed, and not a payload that matters. Nothing was done.' },
    },
    problems: [
      ...BODY_PROBLEMS,
      'signature-refused',
      'webhook-source-not-found',
      'idempotency-key-reused',
      'request-unfinished',
      'secrets-unavailable',
      'record-unreadable',
    ],
  },
} satisfies Record<string, Operation>;
