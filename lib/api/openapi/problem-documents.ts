import * as v from 'valibot';
import type { PlanDifference } from '../../activation/batches/plan-difference.ts';
import { type FieldError, PROBLEM_PREFIX, type ProblemType } from '../../http/problem.ts';
import { isProblemCode, PROBLEMS, type ProblemCode } from '../problems/catalogue.ts';
import { batchLocation, type Header } from './operation.ts';

/** Further members of the body, by RFC 9457, section 3.2. */
type Extensions = { difference?: PlanDifference };

type ProblemDocument = {
  /** What it means, and what to do about it. */
  meaning: string;
  example: { detail: string; errors?: FieldError[] } & Extensions;
  headers?: Record<string, Header>;
};

const retryAfter: Record<string, Header> = {
  'Retry-After': {
    schema: v.pipe(v.number(), v.integer(), v.minValue(1)),
    description: 'Seconds to wait before the next try.',
  },
};

/** What the contract says of each problem beside its status and title. */
const PROBLEM_DOCUMENTS: Record<ProblemCode, ProblemDocument> = {
  'unparsable-body': {
    meaning: 'The body is not JSON in UTF-8, or has a number with more digits than can be kept.',
    example: {
      detail: 'the body is not JSON in UTF-8',
      errors: [{ field: 'body', message: 'is not JSON in UTF-8' }],
    },
  },
  'repeated-header': {
    meaning:
      'Two `Idempotency-Key` headers came, or one with a comma, which looks the same. Nothing was written.',
    example: {
      detail: 'Idempotency-Key must come once, and have no comma',
      errors: [{ field: 'Idempotency-Key', message: 'must come once, and have no comma' }],
    },
  },
  'signature-refused': {
    meaning:
      'The signature is missing, wrong or stale; which of them is not said. Nothing of the body was read.',
    example: { detail: 'the request is not signed as this source demands' },
    headers: {
      'WWW-Authenticate': {
        schema: v.literal('Webhook-Signature'),
        description: 'A signature is asked for.',
      },
    },
  },
  'caller-unknown': {
    meaning: 'The request came without the IAM identity of its caller. Nothing of it was read.',
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
    meaning: 'The path has other methods: the header `Allow` names them.',
    example: { detail: 'PUT is not allowed on /activations; allowed: GET, POST' },
    headers: {
      Allow: { schema: v.pipe(v.string(), v.minLength(1)), description: 'The methods of the path.' },
    },
  },
  'not-redrivable': {
    meaning: 'It has not failed, or a redrive would be in vain; `detail` says why. Nothing was changed.',
    example: { detail: 'it cannot be redriven: the flow log is still frozen (FinancialLocked)' },
  },
  'not-cancellable': {
    meaning:
      'Volcengine is being called or has accepted, it is final, or other batches wait for it; `detail` says which. ' +
      'Nothing was changed.',
    example: { detail: 'it cannot be cancelled: Volcengine has been called for it' },
  },
  'plan-outdated': {
    meaning:
      'The selector no longer matches what the plan would start; `difference` says in what. Nothing was started. ' +
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
    meaning: 'It was, with other metadata. Nothing was started.',
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
      'It covers more flow logs than one request can look at. Narrow it, or let a schedule do it. Nothing was written.',
    example: {
      detail:
        'the selector covers more than 5000 flow logs: narrow it by vpcId, project, resource or tags, or let a ' +
        'schedule do it',
      errors: [{ field: 'selector', message: 'the selector covers more than 5000 flow logs' }],
    },
  },
  'selector-refused': {
    meaning: 'DescribeFlowLogs does not take what it asks for. Nothing was written.',
    example: {
      detail: 'Volcengine refuses the selector: InvalidParameter: the ProjectName is not valid',
      errors: [
        {
          field: 'selector',
          message: 'Volcengine refuses the selector: InvalidParameter: the ProjectName is not valid',
        },
      ],
    },
  },
  'scope-refused': {
    meaning: 'Its account or region is not enabled any more. Nothing was started.',
    example: {
      detail: 'the plan cannot be carried out: the region cn-shanghai is not enabled for the account "audit"',
      errors: [
        {
          field: 'planId',
          message:
            'the plan cannot be carried out: the region cn-shanghai is not enabled for the account "audit"',
        },
      ],
    },
  },
  'idempotency-key-reused': {
    meaning: 'The same key, or the same delivery id, came with another content before. Nothing was written.',
    example: {
      detail: 'this Idempotency-Key was used before with another request body',
      errors: [
        {
          field: 'Idempotency-Key',
          message: 'this Idempotency-Key was used before with another request body',
        },
      ],
    },
  },
  'internal-error': {
    meaning: 'Send the same again, with the same key.',
    example: {
      detail: 'the same request can be sent again, with the same Idempotency-Key if it had one',
    },
  },
  'request-unfinished': {
    meaning:
      'The batch is stored but not wholly opened. Send the same again with the same key, or leave it: it is finished ' +
      'in the background.',
    example: { detail: 'too many batches already wait for fl-2d6m9xk4q8zy85oxruvg1' },
    headers: { ...retryAfter, ...batchLocation },
  },
  'secrets-unavailable': {
    meaning: 'A secret of the source cannot be read now, and no other fits. Nothing of the body was read.',
    example: { detail: 'a secret of this source cannot be read now; send the same again later' },
    headers: retryAfter,
  },
  'record-unreadable': {
    meaning:
      'Another version of the service wrote the record, and this one cannot read it: it waits for one that can. ' +
      'Nothing was changed.',
    example: {
      detail: 'the record of fl-2d6m9xk4q8zy85oxruvg1 cannot be read by this version of the service',
    },
    headers: retryAfter,
  },
  'outbox-pending': {
    meaning: 'The failure is still being published. Nothing was changed.',
    example: { detail: 'its failure is still being published' },
    headers: retryAfter,
  },
  'describe-failed': {
    meaning: 'DescribeFlowLogs gave no answer. Nothing was changed.',
    example: { detail: 'DescribeFlowLogs gave no answer: RequestLimitExceeded' },
    headers: retryAfter,
  },
  'store-contended': {
    meaning: 'Other writers were faster, again and again. Nothing was changed.',
    example: { detail: 'too many changes to this activation at once' },
    headers: retryAfter,
  },
};

export type DocumentedProblem = ProblemType & ProblemDocument;

/** Undefined for a code that is not in the catalogue. */
export function documentedProblem(code: string): DocumentedProblem | undefined {
  return isProblemCode(code) ? { ...PROBLEMS[code], ...PROBLEM_DOCUMENTS[code] } : undefined;
}

/** As a caller gets it. */
export function problemExample(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  return { type: `${PROBLEM_PREFIX}${code}`, title, status, ...PROBLEM_DOCUMENTS[code].example };
}
