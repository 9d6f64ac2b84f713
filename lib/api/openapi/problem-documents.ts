import * as v from 'valibot';
import type { PlanDifference } from '../../activation/batches/plan-difference.ts';
import { type FieldError, PROBLEM_PREFIX, type ProblemType } from '../../http/problem.ts';
import { isProblemCode, PROBLEMS, type ProblemCode } from '../problems/catalogue.ts';
import { batchLocation, type Header } from './operation.ts';

/** Further members of the body, by RFC 9457, section 3.2. */
type Extensions = { difference?: PlanDifference };

type ProblemDocument = {
  /** What the problem means, and what the caller can do. */
  meaning: string;
  /** `field`: the only one that is wrong, for the reason in `detail`. */
  example: { detail: string; field?: string; errors?: FieldError[] } & Extensions;
  headers?: Record<string, Header>;
};

const retryAfter: Record<string, Header> = {
  'Retry-After': {
    schema: v.pipe(v.number(), v.integer(), v.minValue(1)),
    description: 'Seconds to wait before the next attempt.',
  },
};

/** The contract of each problem; status and title come from the catalogue. */
const PROBLEM_DOCUMENTS: Record<ProblemCode, ProblemDocument> = {
  'unparsable-body': {
    meaning: 'The body is not JSON in UTF-8, or it contains a number with too many digits.',
    example: {
      detail: 'the body is not JSON in UTF-8',
      errors: [{ field: 'body', message: 'is not JSON in UTF-8' }],
    },
  },
  'repeated-header': {
    meaning:
      'The request has two `Idempotency-Key` headers, or one that contains a comma; both look the same. Nothing was written.',
    example: {
      detail: 'Idempotency-Key must come once, and have no comma',
      errors: [{ field: 'Idempotency-Key', message: 'must come once, and have no comma' }],
    },
  },
  'signature-refused': {
    meaning:
      'The signature is missing, wrong or stale. The response does not say which. The body was not parsed.',
    example: { detail: 'the request is not signed as this source demands' },
    headers: {
      'WWW-Authenticate': {
        schema: v.literal('Webhook-Signature'),
        description: 'The scheme of authentication: a signature.',
      },
    },
  },
  'caller-unknown': {
    meaning: 'The request has no IAM identity of its caller. It was not read.',
    example: { detail: 'the request came without the IAM identity of its caller' },
  },
  'activation-not-found': {
    meaning: 'There is no such activation.',
    example: { detail: 'there is no such activation' },
  },
  'batch-not-found': {
    meaning: 'There is no such batch, or it is older than 90 days.',
    example: { detail: 'there is no such batch' },
  },
  'plan-not-found': {
    meaning: 'There is no such plan, or it is older than 90 days.',
    example: { detail: 'there is no such plan' },
  },
  'webhook-source-not-found': {
    meaning: 'No such source is configured.',
    example: { detail: 'there is no such webhook source' },
  },
  'unknown-route': {
    meaning: 'The API does not have this path.',
    example: { detail: 'the routes are /activations, /activations/{activationId}, …' },
  },
  'method-not-allowed': {
    meaning: 'The path does not have this method. The header `Allow` names its methods.',
    example: { detail: 'PUT is not allowed on /activations; allowed: GET, POST' },
    headers: {
      Allow: { schema: v.pipe(v.string(), v.minLength(1)), description: 'The methods of the path.' },
    },
  },
  'not-redrivable': {
    meaning:
      'The activation has not failed, or a redrive could not succeed. `detail` says why. Nothing was changed.',
    example: { detail: 'it cannot be redriven: the flow log is still frozen (FinancialLocked)' },
  },
  'not-cancellable': {
    meaning:
      'A call to Volcengine is under way or was accepted, the activation is final, or other batches wait for it. ' +
      '`detail` says which. Nothing was changed.',
    example: { detail: 'it cannot be cancelled: Volcengine has been called for it' },
  },
  'plan-outdated': {
    meaning:
      'The selector no longer matches the flow logs of the plan. `difference` lists what differs. Nothing was started. ' +
      'Make a new plan.',
    example: {
      detail: 'the flow logs are not those of the plan any more: 1 appeared, 0 are gone, 1 changed',
      difference: {
        appeared: { count: 1, flowLogIds: ['fl-2d6m9xk4q8zy85oxruvg1'] },
        gone: { count: 0, flowLogIds: [] },
        changed: {
          count: 1,
          flowLogs: [{ flowLogId: 'fl-3c7n8yk5r9az96pysvwh2', from: 'wouldActivate', to: 'frozen' }],
        },
      },
    },
  },
  'plan-executed': {
    meaning: 'The plan was carried out before, with other metadata. Nothing was started.',
    example: { detail: 'the plan was carried out before, with other metadata' },
  },
  'content-too-large': {
    meaning: 'The body has more than 1,000,000 bytes.',
    example: {
      detail: 'at most 1000000 bytes',
      errors: [{ field: 'body', message: 'is 1100002 bytes long' }],
    },
  },
  'unsupported-media-type': {
    meaning: 'The content type is not `application/json` in UTF-8.',
    example: {
      detail: 'send application/json, in UTF-8',
      errors: [{ field: 'content-type', message: 'must be application/json' }],
    },
  },
  'invalid-content': {
    meaning: '`errors` names every bad field. Nothing was written.',
    example: {
      detail: 'flowLogIds[1]: must be 1 to 64 letters, digits or hyphens',
      errors: [{ field: 'flowLogIds[1]', message: 'must be 1 to 64 letters, digits or hyphens' }],
    },
  },
  'selection-too-large': {
    meaning:
      'The selector covers more flow logs than one request can process. Narrow it, or use a schedule. Nothing was written.',
    example: {
      detail:
        'the selector covers more than 5000 flow logs: narrow it by vpcId, project, resource or tags, or let a ' +
        'schedule do it',
      errors: [{ field: 'selector', message: 'the selector covers more than 5000 flow logs' }],
    },
  },
  'selector-refused': {
    meaning: 'DescribeFlowLogs refuses a parameter of the selector. Nothing was written.',
    example: {
      detail: 'Volcengine refuses the selector: InvalidParameter: the ProjectName is not valid',
      field: 'selector',
    },
  },
  'scope-refused': {
    meaning: 'The account or region of the plan is not enabled any more. Nothing was started.',
    example: {
      detail: 'the plan cannot be carried out: the region cn-shanghai is not enabled for the account "audit"',
      field: 'planId',
    },
  },
  'idempotency-key-reused': {
    meaning:
      'The same key, or the same delivery id, was used before with other content. Nothing was written.',
    example: {
      detail: 'this Idempotency-Key was used before with another request body',
      field: 'Idempotency-Key',
    },
  },
  'internal-error': {
    meaning: 'An unexpected error. Send the same request again, with the same key.',
    example: {
      detail: 'the same request can be sent again, with the same Idempotency-Key if it had one',
    },
  },
  'request-unfinished': {
    meaning:
      'The batch is stored, but not all of its activations are open. Send the same request again with the same key, or ' +
      'wait: the poller opens the rest.',
    example: { detail: 'too many batches already wait for fl-2d6m9xk4q8zy85oxruvg1' },
    headers: { ...retryAfter, ...batchLocation },
  },
  'secrets-unavailable': {
    meaning: 'A secret of the source cannot be read now, and no other secret fits. The body was not parsed.',
    example: { detail: 'a secret of this source cannot be read now; send the same again later' },
    headers: retryAfter,
  },
  'record-unreadable': {
    meaning:
      'Another version of the service wrote the record, and this version cannot read it. Nothing was changed. The ' +
      'record stays until a version can read it.',
    example: {
      detail: 'the record of fl-2d6m9xk4q8zy85oxruvg1 cannot be read by this version of the service',
    },
    headers: retryAfter,
  },
  'outbox-pending': {
    meaning: 'The failure is not fully published yet. Nothing was changed.',
    example: { detail: 'its failure is still being published' },
    headers: retryAfter,
  },
  'describe-failed': {
    meaning: 'DescribeFlowLogs did not return a result. Nothing was changed.',
    example: { detail: 'DescribeFlowLogs gave no usable reply: RequestLimitExceeded' },
    headers: retryAfter,
  },
  'store-contended': {
    meaning: 'Other writers changed the activation at the same time, several times. Nothing was changed.',
    example: { detail: 'too many changes to this activation at once' },
    headers: retryAfter,
  },
};

export type DocumentedProblem = ProblemType & ProblemDocument;

/** Undefined for a code that is not in the catalogue. */
export function documentedProblem(code: string): DocumentedProblem | undefined {
  return isProblemCode(code) ? { ...PROBLEMS[code], ...PROBLEM_DOCUMENTS[code] } : undefined;
}

/** The problem as a caller receives it. */
export function problemExample(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  const { field, ...example } = PROBLEM_DOCUMENTS[code].example;
  const errors = field === undefined ? {} : { errors: [{ field, message: example.detail }] };
  return { type: `${PROBLEM_PREFIX}${code}`, title, status, ...example, ...errors };
}
