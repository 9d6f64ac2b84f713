import * as v from 'valibot';
import type { PROBLEMS } from '../problems/catalogue.ts';
import { idempotencyKeySchema } from '../requests/idempotent-request.ts';

/** In the order in which the document lists them. */
export const TAGS = {
  Activations: 'Ask for flow logs to be activated, follow them, take them back, try failed ones again.',
  Batches: 'What one request asked for, as a whole.',
  Webhooks: 'For senders that are configured as sources, such as GitHub or Terraform Cloud.',
  Service: 'About the service itself. Open to anyone.',
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export type Parameter = { schema: v.GenericSchema; description: string; required?: true };

export type Header = { schema: v.GenericSchema; description: string };

/** Examples by a name that readers are shown. */
export type Content = { schema: v.GenericSchema; examples: Record<string, unknown> };

export type Answer = {
  description: string;
  /** Without one the answer has no body. */
  body?: Content;
  headers?: Record<string, Header>;
};

/** What the contract says of one method of one path. */
export type Operation = {
  operationId: string;
  tag: keyof typeof TAGS;
  summary: string;
  description: string;
  /** Whom it serves: those with IAM authorisation, if not said otherwise. */
  security?: 'open' | 'signature';
  pathParameters?: Record<string, Parameter>;
  /** Each entry is a parameter of the query. */
  query?: { entries: Record<string, v.GenericSchema> };
  headers?: Record<string, Parameter>;
  /** By media type. */
  body?: { required: boolean; content: Record<string, Content> };
  answers: Record<number, Answer>;
  problems: ProblemCode[];
};

/** Of every operation that reads a body. */
export const BODY_PROBLEMS: ProblemCode[] = [
  'unparsable-body',
  'content-too-large',
  'unsupported-media-type',
  'invalid-content',
];

export const idempotencyKey: Parameter = {
  schema: idempotencyKeySchema,
  description:
    'The same key and body again give the same ids, with the status of now; nothing starts twice. Another body under ' +
    'a key of the last 90 days is refused. Keys belong to the calling IAM principal, whatever its session. Without a key every request is a ' +
    'new one.',
};

export const batchLocation: Record<string, Header> = {
  Location: {
    schema: v.pipe(v.string(), v.regex(/^\/batches\/b-[a-z0-9]{32}$/)),
    description: 'The batch.',
  },
};
