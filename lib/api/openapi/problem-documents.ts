import type { PlanDifference } from '../../activation/batches/plan-difference.ts';
import type { OppositeRequest } from '../../activation/model/errors.ts';
import { PROBLEM_PREFIX, type ProblemType } from '../../http/problem.ts';
import { isProblemCode, PROBLEMS, type ProblemCode } from '../problems/catalogue.ts';
import { allowedMethods, batchLocation, type Header, retryAfter, signatureChallenge } from './operation.ts';

/** The contract of a problem, and the members of its example. */
type ProblemDocument = {
  /** What the problem means, and what the caller can do. */
  meaning: string;
  headers?: Record<string, Header>;
  detail: string;
  /** The bad field of the example. Its `message` is `detail` if absent. */
  field?: string;
  message?: string;
  difference?: PlanDifference;
  open?: OppositeRequest[];
};

/** Status and title come from the catalogue. */
const PROBLEM_DOCUMENTS: Record<ProblemCode, ProblemDocument> = {
  'unparsable-body': {
    meaning: 'The body is not JSON in UTF-8, or it contains a number with too many digits.',
    detail: 'the body is not JSON in UTF-8',
    field: 'body',
    message: 'is not JSON in UTF-8',
  },
  'repeated-header': {
    meaning:
      'The request has two `Idempotency-Key` headers, or one that contains a comma; both look the same. Nothing was written.',
    detail: 'Idempotency-Key must come once, and have no comma',
    field: 'Idempotency-Key',
    message: 'must come once, and have no comma',
  },
  'signature-refused': {
    meaning:
      'The signature is missing, wrong or stale. The response does not say which. The body was not parsed.',
    detail: 'the request is not signed as this source demands',
    headers: signatureChallenge,
  },
  'caller-unknown': {
    meaning: 'The request has no IAM identity of its caller. It was not read.',
    detail: 'the request came without the IAM identity of its caller',
  },
  'deactivation-disabled': {
    meaning:
      'This deployment deactivates nothing. Its setting `allowDeactivation` allows it. Nothing was written.',
    detail: 'this deployment deactivates nothing: its setting allowDeactivation allows it',
  },
  'activation-not-found': { meaning: 'There is no such activation.', detail: 'there is no such activation' },
  'batch-not-found': {
    meaning: 'There is no such batch, or it is older than 90 days.',
    detail: 'there is no such batch',
  },
  'plan-not-found': {
    meaning: 'There is no such plan, or it is older than 90 days.',
    detail: 'there is no such plan',
  },
  'operation-not-found': {
    meaning: 'There is no such operation, or it is older than 90 days.',
    detail: 'there is no such operation',
  },
  'report-not-found': {
    meaning: 'No policy of this name has run within 400 days, or it has no such run.',
    detail: 'there is no such report',
  },
  'account-not-found': {
    meaning: 'No account of this alias is configured.',
    detail: 'there is no such account',
  },
  'webhook-source-not-found': {
    meaning: 'No such source is configured.',
    detail: 'there is no such webhook source',
  },
  'unknown-route': {
    meaning: 'The API does not have this path.',
    detail: 'the routes are /activations, /activations/{activationId}, …',
  },
  'method-not-allowed': {
    meaning: 'The path does not have this method. The header `Allow` names its methods.',
    detail: 'PUT is not allowed on /activations; allowed: GET, POST',
    headers: allowedMethods,
  },
  'not-redrivable': {
    meaning:
      'The activation has not failed, or a redrive could not succeed. `detail` says why. Nothing was changed.',
    detail: 'it cannot be redriven: the flow log is still frozen (FinancialLocked)',
  },
  'not-cancellable': {
    meaning:
      'A call to Volcengine is under way or was accepted, the activation is final, or other batches wait for it. ' +
      '`detail` says which. Nothing was changed.',
    detail: 'it cannot be cancelled: Volcengine has been called for it',
  },
  'account-paused': {
    meaning:
      'A person has paused the account, so that nothing is called for it. Nothing was changed. Resume it first.',
    detail: 'account security is paused: nothing is called until it is resumed',
  },
  'opposite-request-open': {
    meaning:
      'Flow logs of the request have an open request in the other direction. `open` names each of them. Nothing was ' +
      'written. Cancel those, or wait for their ends.',
    detail: 'an activation of fl-2d6m9xk4q8zy85oxruvg1 is open: cancel it, or wait for its end',
    open: [
      {
        flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
        activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
        status: 'queued',
        desired: 'Active',
      },
    ],
  },
  'plan-outdated': {
    meaning:
      'The selector no longer matches the flow logs of the plan. `difference` lists what differs. Nothing was started. ' +
      'Make a new plan.',
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
  'plan-executed': {
    meaning: 'The plan was executed before, with other metadata. Nothing was started.',
    detail: 'the plan was executed before, with other metadata',
  },
  'content-too-large': {
    meaning: 'The body has more than 1,000,000 bytes.',
    detail: 'at most 1000000 bytes',
    field: 'body',
    message: 'is 1100002 bytes long',
  },
  'unsupported-media-type': {
    meaning: 'The content type is not `application/json` in UTF-8.',
    detail: 'send application/json, in UTF-8',
    field: 'content-type',
    message: 'must be application/json',
  },
  'invalid-content': {
    meaning: '`errors` names every bad field. Nothing was written.',
    detail: 'flowLogIds[1]: must be 1 to 64 letters, digits or hyphens',
    field: 'flowLogIds[1]',
    message: 'must be 1 to 64 letters, digits or hyphens',
  },
  'selection-too-large': {
    meaning:
      'The selector covers more flow logs than one request can process. Narrow it, or use a schedule. Nothing was written.',
    detail:
      'the selector covers more than 5000 flow logs: narrow it by vpcId, project, resource or tags, or let a ' +
      'schedule do it',
    field: 'selector',
    message: 'the selector covers more than 5000 flow logs',
  },
  'selector-refused': {
    meaning: 'DescribeFlowLogs refuses a parameter of the selector. Nothing was written.',
    detail: 'Volcengine refuses the selector: InvalidParameter: the ProjectName is not valid',
    field: 'selector',
  },
  'scope-refused': {
    meaning: 'The account or region of the plan is not enabled any more. Nothing was started.',
    detail: 'the plan cannot be executed: the region cn-shanghai is not enabled for the account "audit"',
    field: 'planId',
  },
  'idempotency-key-reused': {
    meaning:
      'The same key, or the same delivery id, was used before with other content. Nothing was written.',
    detail: 'this Idempotency-Key was used before with another request body',
    field: 'Idempotency-Key',
  },
  'internal-error': {
    meaning: 'An unexpected error. Send the same request again, with the same key.',
    detail: 'the same request can be sent again, with the same Idempotency-Key if it had one',
  },
  'request-unfinished': {
    meaning:
      'The batch is stored, but not all of its activations are open. Send the same request again with the same key, or ' +
      'wait: the poller opens the rest.',
    detail: 'too many batches already wait for fl-2d6m9xk4q8zy85oxruvg1',
    headers: batchLocation,
  },
  'secrets-unavailable': {
    meaning: 'A secret of the source cannot be read now, and no other secret fits. The body was not parsed.',
    detail: 'a secret of this source cannot be read now; send the same again later',
  },
  'record-unreadable': {
    meaning:
      'Another version of the service wrote the record, and this version cannot read it. Nothing was changed. The ' +
      'record stays until a version can read it.',
    detail: 'the record of fl-2d6m9xk4q8zy85oxruvg1 cannot be read by this version of the service',
  },
  'outbox-pending': {
    meaning: 'The failure is not fully published yet. Nothing was changed.',
    detail: 'its failure is still being published',
  },
  'describe-failed': {
    meaning: 'DescribeFlowLogs did not return a result. Nothing was changed.',
    detail: 'DescribeFlowLogs gave no usable reply: RequestLimitExceeded',
  },
  'configuration-unread': {
    meaning:
      'The account is not one of the environment, and the stored ones could not be read yet. Nothing was written. The ' +
      'same request can succeed later.',
    detail: 'the stored accounts cannot be read now; the account may be one of them',
  },
  'store-contended': {
    meaning: 'Other writers changed the activation at the same time, several times. Nothing was changed.',
    detail: 'too many changes to this activation at once',
  },
};

export type DocumentedProblem = ProblemType & ProblemDocument;

/** Undefined for a code that is not in the catalogue. Every 503 says when to try again. */
export function documentedProblem(code: string): DocumentedProblem | undefined {
  if (!isProblemCode(code)) return undefined;
  const type = PROBLEMS[code];
  const document = PROBLEM_DOCUMENTS[code];
  return { ...type, ...document, headers: { ...(type.status === 503 && retryAfter), ...document.headers } };
}

/** The problem as a caller receives it. */
export function problemExample(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  const { detail, field, message = detail, difference, open } = PROBLEM_DOCUMENTS[code];
  return {
    type: `${PROBLEM_PREFIX}${code}`,
    title,
    status,
    detail,
    ...(field !== undefined && { errors: [{ field, message }] }),
    ...(difference && { difference }),
    ...(open && { open }),
  };
}
