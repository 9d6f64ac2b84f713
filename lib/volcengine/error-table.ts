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
  /** It decides nothing: sources differ, and a 200 may contain an error. */
  documentedStatus: readonly number[];
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
  {
    code: 'IdempotentParameterMismatch',
    documentedStatus: [400],
    decision: deadLetter('client-token-reused'),
  },
  {
    code: 'InvalidFlowLog.InvalidStatus',
    message: /freez|froze|冻结/i,
    documentedStatus: [400],
    decision: deadLetter('frozen'),
  },
  { code: 'InvalidFlowLog.InvalidStatus', documentedStatus: [400], decision: verify },
  {
    code: 'InvalidParameter.ClientTokenMalformed',
    documentedStatus: [400],
    decision: deadLetter('client-token-malformed'),
  },
  { code: 'InvalidFlowLog.NotFound', documentedStatus: [404], decision: deadLetter('not-found') },
  { code: 'InvalidOperation.Conflict', documentedStatus: [409], decision: retry },
  { code: 'IdempotentProcessing', documentedStatus: [412], decision: retrySoon },

  { code: 'FlowLimitExceeded', codeN: [100018], documentedStatus: [429], decision: throttled },
  // CodeN 100027 is inferred, not documented.
  { code: 'AccountFlowLimitExceeded', codeN: [100027], documentedStatus: [429], decision: throttled },
  { code: 'RequestLimitExceeded', documentedStatus: [429], decision: throttled },

  { code: 'Throttling', documentedStatus: [400, 429], decision: throttled },
  { code: 'ThrottlingException', documentedStatus: [400, 429], decision: throttled },
  { code: 'RequestThrottled', documentedStatus: [400, 429], decision: throttled },
  { code: 'RequestThrottledException', documentedStatus: [400, 429], decision: throttled },
  { code: 'TooManyRequestsException', documentedStatus: [400, 429], decision: throttled },
  { code: 'ProvisionedThroughputExceededException', documentedStatus: [400, 429], decision: throttled },
  { code: 'PriorRequestNotComplete', documentedStatus: [400, 429], decision: throttled },
  { code: 'TransactionInProgressException', documentedStatus: [400, 429], decision: throttled },

  { code: 'InternalError', codeN: [100014], documentedStatus: [500], decision: retry },
  { code: 'UndefinedError', codeN: [100001], documentedStatus: [500], decision: retry },
  { code: 'InternalServiceError', documentedStatus: [502], decision: retry },
  { code: 'FailToConnect', documentedStatus: [502], decision: retry },
  { code: 'ServiceUnavailableTemp', codeN: [100017, 100019], documentedStatus: [503], decision: retry },
  { code: 'InternalServiceTimeout', codeN: [100016], documentedStatus: [504], decision: retry },
  { code: 'InvalidTimestamp', codeN: [100006], documentedStatus: [400, 403], decision: retryCorrected },

  { code: 'MissingAuthenticationToken', codeN: [100003], documentedStatus: [401], decision: holdCredentials },
  { code: 'MissingSignature', codeN: [100005], documentedStatus: [401], decision: holdCredentials },
  { code: 'InvalidAccessKey', codeN: [100009], documentedStatus: [401], decision: holdCredentials },
  { code: 'InvalidClientTokenId', documentedStatus: [401], decision: holdCredentials },
  { code: 'SignatureDoesNotMatch', codeN: [100010], documentedStatus: [401], decision: holdCredentials },
  { code: 'InvalidSecretToken', documentedStatus: [401], decision: holdCredentials },
  { code: 'InvalidAuthorization', documentedStatus: [400], decision: holdCredentials },
  { code: 'InvalidCredential', documentedStatus: [400], decision: holdCredentials },
  { code: 'SessionTokenInvalid', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessKeyIsExpire', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'InvalidAccessKeyStatus', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessDeniedException', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'ExpiredToken', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'ExpiredTokenException', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'RequestExpired', documentedStatus: [400, 401, 403], decision: holdCredentials },
  { code: 'AccessDenied', codeN: [100013], documentedStatus: [403], decision: hold },
  { code: 'LackPolicy', codeN: [100012], documentedStatus: [403], decision: hold },
  { code: 'LackProjectPolicy', documentedStatus: [403], decision: hold },
  { code: 'ServiceNotFound', codeN: [100007], documentedStatus: [404], decision: hold },
  { code: 'InvalidActionOrVersion', codeN: [100008], documentedStatus: [404], decision: hold },
  { code: 'MethodNotAllowed', codeN: [100020], documentedStatus: [405], decision: hold },

  {
    code: 'MissingParameter',
    prefix: true,
    codeN: [100002],
    documentedStatus: [400],
    decision: deadLetter('invalid-request'),
  },
  {
    code: 'MissingRequestInfo',
    codeN: [100004],
    documentedStatus: [400],
    decision: deadLetter('invalid-request'),
  },
  {
    code: 'InvalidParameter',
    prefix: true,
    documentedStatus: [400],
    decision: deadLetter('invalid-request'),
  },
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
