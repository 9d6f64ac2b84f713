import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as v from 'valibot';
import { require, type Verdict, Violation } from './surface.ts';
import { isWellFormed } from './well-formed.ts';

const PROBLEM_BYTES = 4_096;

const problemSchema = v.strictObject({
  type: v.pipe(v.string(), v.regex(/^urn:flow-log-activator:problem:[a-z-]{1,40}$/)),
  title: v.pipe(v.string(), v.minLength(1)),
  status: v.number(),
  detail: v.optional(v.pipe(v.string(), v.minLength(1))),
  errors: v.optional(
    v.array(v.strictObject({ field: v.pipe(v.string(), v.minLength(1)), message: v.string() })),
  ),
  errorsInAll: v.optional(v.number()),
  /** Of `plan-outdated`. */
  difference: v.optional(
    v.record(v.picklist(['appeared', 'gone', 'changed']), v.object({ count: v.number() })),
  ),
  /** Of `opposite-request-open`. */
  open: v.optional(v.pipe(v.array(v.object({ flowLogId: v.string() })), v.minLength(1))),
});

/** The problems of docs/reference/errors.md, by status. `busy` is the state's doing, not the input's: with Retry-After. */
const CODES: Record<number, string[]> = {
  400: ['unparsable-body', 'repeated-header'],
  401: ['signature-refused'],
  403: ['caller-unknown'],
  404: [
    'unknown-route',
    'activation-not-found',
    'batch-not-found',
    'plan-not-found',
    'account-not-found',
    'operation-not-found',
    'report-not-found',
    'webhook-source-not-found',
  ],
  405: ['method-not-allowed'],
  409: ['not-cancellable', 'not-redrivable', 'plan-outdated', 'plan-executed', 'opposite-request-open'],
  413: ['content-too-large'],
  415: ['unsupported-media-type'],
  422: ['invalid-content', 'idempotency-key-reused', 'selection-too-large', 'selector-refused'],
};
const BUSY_CODES = ['outbox-pending'];

/** Throws Violation unless it is an answer that a caller can work with; says whether it is a refusal. */
export function checkAnswer(answer: APIGatewayProxyStructuredResultV2, isOwnState: boolean): Verdict {
  const { statusCode = 0, headers = {}, body = '', isBase64Encoded = false } = answer;
  require(!isBase64Encoded, 'a JSON answer is text');
  for (const [name, value] of Object.entries(headers)) {
    const isLegal = typeof value === 'string' && /^[\x20-\x7e]{0,2048}$/.test(value);
    require(isLegal, () => `header ${name} cannot be sent: ${JSON.stringify(value).slice(0, 200)}`);
  }
  if (statusCode === 204) {
    require(body === '' && !('content-type' in headers), 'a 204 has no content');
    return 'accepted';
  }
  const json = parse(body);
  if (statusCode < 400) {
    require([200, 202].includes(statusCode), `status ${statusCode}`);
    require(headers['content-type'] === 'application/json', 'content type of a success');
    return 'accepted';
  }
  const problem = v.safeParse(problemSchema, json);
  require(problem.success, () => `not a problem: ${body.slice(0, 500)}`);
  const code = problem.output.type.split(':').at(-1) ?? '';
  if (statusCode >= 500) {
    const isBusy = isOwnState && statusCode === 503 && BUSY_CODES.includes(code) && 'retry-after' in headers;
    if (!isBusy) throw new Violation('5xx', `${statusCode} ${code}`);
  } else {
    const isKnown = CODES[statusCode]?.includes(code) === true;
    if (!isKnown) throw new Violation('unclassified', `${statusCode} ${code}`);
  }
  require(headers['content-type'] === 'application/problem+json', 'content type of a problem');
  require(problem.output.status === statusCode, 'the status in the body is another');
  const bytes = Buffer.byteLength(body);
  require(bytes <= PROBLEM_BYTES, `a problem of ${bytes} bytes`);
  require(isWellFormed(json), () => `a problem with broken Unicode: ${body.slice(0, 500)}`);
  return 'refused';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Violation('property', `the answer is not JSON: ${body.slice(0, 200)}`);
  }
}
