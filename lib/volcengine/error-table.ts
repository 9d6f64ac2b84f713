import type { FailureReason } from '../activation/model/outcome.ts';
import type { NetworkFailureCode } from './network-failure.ts';

export type Decision =
  /** `clock`: our clock is wrong. The Date of the reply corrects it, then the call is repeated soon. */
  | { kind: 'retry'; soon?: true; clock?: true }
  | { kind: 'throttled' }
  /** `credentials`: the credentials may be wrong. The next call reads them again. */
  | { kind: 'hold'; credentials?: true }
  | { kind: 'verify' }
  | { kind: 'dead-letter'; reason: FailureReason };

export type ErrorRow = {
  code: string;
  /** The code is a prefix: `InvalidParameter` also matches `InvalidParameter.FlowLogId`. */
  prefix?: true;
  /** The row applies only if the message matches. It comes before the row of the same code without this condition. */
  message?: RegExp;
  codeN?: readonly number[];
  /** The documented status. It decides nothing: sources differ, and a 200 may contain an error. */
  httpStatus: readonly number[];
  decision: Decision;
};

const retry: Decision = { kind: 'retry' };
const retrySoon: Decision = { kind: 'retry', soon: true };
const retryCorrected: Decision = { kind: 'retry', clock: true };
const throttled: Decision = { kind: 'throttled' };
const hold: Decision = { kind: 'hold' };
const holdCredentials: Decision = { kind: 'hold', credentials: true };
const verify: Decision = { kind: 'verify' };
const deadLetter = (reason: FailureReason): Decision => ({ kind: 'dead-letter', reason });

/**
 * Sources: the API reference of ActiveFlowLog (VPC, 2020-04-01), Volcengine's public error codes, those of its IAM and
 * STS, and the lists of the official Go SDK (volcengine/request/retryer.go).
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  { code: 'IdempotentParameterMismatch', httpStatus: [400], decision: deadLetter('client-token-reused') },
  {
    code: 'InvalidFlowLog.InvalidStatus',
    message: /freez|froze|冻结/i,
    httpStatus: [400],
    decision: deadLetter('frozen'),
  },
  { code: 'InvalidFlowLog.InvalidStatus', httpStatus: [400], decision: verify },
  {
    code: 'InvalidParameter.ClientTokenMalformed',
    httpStatus: [400],
    decision: deadLetter('client-token-malformed'),
  },
  { code: 'InvalidFlowLog.NotFound', httpStatus: [404], decision: deadLetter('not-found') },
  { code: 'InvalidOperation.Conflict', httpStatus: [409], decision: retry },
  { code: 'IdempotentProcessing', httpStatus: [412], decision: retrySoon },

  { code: 'FlowLimitExceeded', codeN: [100018], httpStatus: [429], decision: throttled },
  // CodeN 100027 is inferred, not documented.
  { code: 'AccountFlowLimitExceeded', codeN: [100027], httpStatus: [429], decision: throttled },
  { code: 'RequestLimitExceeded', httpStatus: [429], decision: throttled },

  { code: 'Throttling', httpStatus: [400, 429], decision: throttled },
  { code: 'ThrottlingException', httpStatus: [400, 429], decision: throttled },
  { code: 'RequestThrottled', httpStatus: [400, 429], decision: throttled },
  { code: 'RequestThrottledException', httpStatus: [400, 429], decision: throttled },
  { code: 'TooManyRequestsException', httpStatus: [400, 429], decision: throttled },
  { code: 'ProvisionedThroughputExceededException', httpStatus: [400, 429], decision: throttled },
  { code: 'PriorRequestNotComplete', httpStatus: [400, 429], decision: throttled },
  { code: 'TransactionInProgressException', httpStatus: [400, 429], decision: throttled },

  { code: 'InternalError', codeN: [100014], httpStatus: [500], decision: retry },
  { code: 'UndefinedError', codeN: [100001], httpStatus: [500], decision: retry },
  { code: 'InternalServiceError', httpStatus: [502], decision: retry },
  { code: 'FailToConnect', httpStatus: [502], decision: retry },
  { code: 'ServiceUnavailableTemp', codeN: [100017, 100019], httpStatus: [503], decision: retry },
  { code: 'InternalServiceTimeout', codeN: [100016], httpStatus: [504], decision: retry },
  { code: 'InvalidTimestamp', codeN: [100006], httpStatus: [400, 403], decision: retryCorrected },

  { code: 'MissingAuthenticationToken', codeN: [100003], httpStatus: [401], decision: holdCredentials },
  { code: 'MissingSignature', codeN: [100005], httpStatus: [401], decision: holdCredentials },
  { code: 'InvalidAccessKey', codeN: [100009], httpStatus: [401], decision: holdCredentials },
  { code: 'InvalidClientTokenId', httpStatus: [401], decision: holdCredentials },
  { code: 'SignatureDoesNotMatch', codeN: [100010], httpStatus: [401], decision: holdCredentials },
  { code: 'InvalidSecretToken', httpStatus: [401], decision: holdCredentials },
  { code: 'InvalidAuthorization', httpStatus: [400], decision: holdCredentials },
  { code: 'InvalidCredential', httpStatus: [400], decision: holdCredentials },
  { code: 'SessionTokenInvalid', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessKeyIsExpire', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'InvalidAccessKeyStatus', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessDeniedException', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'ExpiredToken', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'ExpiredTokenException', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'RequestExpired', httpStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessDenied', codeN: [100013], httpStatus: [403], decision: hold },
  { code: 'LackPolicy', codeN: [100012], httpStatus: [403], decision: hold },
  { code: 'LackProjectPolicy', httpStatus: [403], decision: hold },
  { code: 'ServiceNotFound', codeN: [100007], httpStatus: [404], decision: hold },
  { code: 'InvalidActionOrVersion', codeN: [100008], httpStatus: [404], decision: hold },
  { code: 'MethodNotAllowed', codeN: [100020], httpStatus: [405], decision: hold },

  {
    code: 'MissingParameter',
    prefix: true,
    codeN: [100002],
    httpStatus: [400],
    decision: deadLetter('invalid-request'),
  },
  {
    code: 'MissingRequestInfo',
    codeN: [100004],
    httpStatus: [400],
    decision: deadLetter('invalid-request'),
  },
  { code: 'InvalidParameter', prefix: true, httpStatus: [400], decision: deadLetter('invalid-request') },
];

/**
 * Decides by the form of a Code that no row names. The patterns are wide: if a throttled or refused call were not
 * recognised, an activation would fail without need. Field names are those that we send.
 */
export const CODE_FAMILIES: readonly { form: RegExp; decision: Decision }[] = [
  { form: /throttl|too-?many-?requests|(?:flow|rate|request|qps)limit/i, decision: throttled },
  {
    form: /access-?key|(?:session|security|secret|expired)-?token|credential|signature|access-?denied|unauthori[sz]ed/i,
    decision: holdCredentials,
  },
  {
    form: /^Invalid(?:FlowLogIds?|ClientToken|Project(?:Name)?|VpcId|Resource(?:Id|Type)|Tag(?:Filter)?s?|MaxResults|NextToken)\./,
    decision: deadLetter('invalid-request'),
  },
];

/** Decides by the status alone, for an error that no row names and for a reply that is not Volcengine's. */
export const STATUS_DECISIONS: ReadonlyMap<number, Decision> = new Map<number, Decision>([
  [401, holdCredentials],
  [403, holdCredentials],
  [407, hold],
  [408, retry],
  // The request is too long. A retry would be too long again.
  [413, deadLetter('invalid-request')],
  [414, deadLetter('invalid-request')],
  [425, retry],
  [429, throttled],
  [431, deadLetter('invalid-request')],
]);

/** A 404 or 405 of a gateway or proxy is about the endpoint. It never means that a flow log is missing. */
export const FOREIGN_STATUS_DECISIONS: ReadonlyMap<number, Decision> = new Map<number, Decision>([
  [404, hold],
  [405, hold],
]);

/** After a network failure nobody knows whether the call arrived, so it is repeated. Exception: a call that cannot be sent. */
export const NETWORK_DECISIONS: ReadonlyMap<NetworkFailureCode, Decision> = new Map([
  ['InvalidRequest', hold],
]);
