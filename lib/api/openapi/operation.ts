import * as v from 'valibot';
import type { ProblemCode } from '../problems/catalogue.ts';
import { idempotencyKeySchema } from '../requests/idempotent-request.ts';

/** In the order in which the document lists them. */
export const TAGS = {
  Activations: 'Request activations, follow them, cancel them, redrive failed ones.',
  Batches: 'What one request asked for, as a whole.',
  Reports: 'What policies found and repaired.',
  Operations: 'One action for many activations: redrive, cancel, retry now.',
  Accounts: 'Pause the calls to a Volcengine account, and resume them.',
  Webhooks: 'For senders that are configured as sources, such as GitHub or Terraform Cloud.',
  Service: 'About the service itself.',
} as const;

export type Parameter = { schema: v.GenericSchema; description: string; required?: true };

export type Header = { schema: v.GenericSchema; description: string };

/** Each example has a name, which the document shows. */
export type Content = { schema: v.GenericSchema; examples: Record<string, unknown> };

export type OperationResponse = {
  description: string;
  /** Absent: the response has no body. */
  body?: Content;
  /** The same as text of another media type, if the caller asks for it. */
  text?: { mediaType: string; example: string };
  headers?: Record<string, Header>;
};

/** The contract of one method of one path. */
export type Operation = {
  operationId: string;
  tag: keyof typeof TAGS;
  summary: string;
  description: string;
  /** Who may call it. Absent: callers with IAM authorization. */
  security?: 'open' | 'signature';
  pathParameters?: Record<string, Parameter>;
  /** Each entry is one query parameter. */
  query?: { entries: Record<string, v.GenericSchema> };
  headers?: Record<string, Parameter>;
  /** By media type. */
  body?: { required: boolean; content: Record<string, Content> };
  /** By HTTP status. */
  responses: Record<number, OperationResponse>;
  problems: ProblemCode[];
};

/** The problems of every operation that reads a body. */
export const BODY_PROBLEMS: ProblemCode[] = [
  'unparsable-body',
  'content-too-large',
  'unsupported-media-type',
  'invalid-content',
];

export const idempotencyKey: Parameter = {
  schema: idempotencyKeySchema,
  description:
    'A repeated request with the same key and body gets the same ids, with their current status; nothing starts twice. ' +
    'A key of the last 90 days is refused with another body. Keys belong to the calling IAM principal, in all of its ' +
    'sessions. Without a key every request is new.',
};

export const retryAfter: Record<string, Header> = {
  'Retry-After': {
    schema: v.pipe(v.number(), v.integer(), v.minValue(1)),
    description: 'Seconds to wait before the next attempt.',
  },
};

export const signatureChallenge: Record<string, Header> = {
  'WWW-Authenticate': {
    schema: v.literal('Webhook-Signature'),
    description: 'The scheme of authentication: a signature.',
  },
};

export const allowedMethods: Record<string, Header> = {
  Allow: { schema: v.pipe(v.string(), v.minLength(1)), description: 'The methods of the path.' },
};

export const batchLocation: Record<string, Header> = {
  Location: {
    schema: v.pipe(v.string(), v.regex(/^\/batches\/b-[a-z0-9]{32}$/)),
    description: 'The batch.',
  },
};
