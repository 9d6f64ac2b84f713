/** HTTP status and CodeN of the gateway's and the VPC service's published errors; CodeN is absent where none is known. */
const CATALOGUE = {
  MissingParameter: { httpStatus: 400, codeN: 100002 },
  MissingRequestInfo: { httpStatus: 400, codeN: 100004 },
  InvalidParameter: { httpStatus: 400 },
  InvalidAuthorization: { httpStatus: 400 },
  InvalidCredential: { httpStatus: 400 },
  // Of the IAM service (https://www.volcengine.com/docs/6257/64992).
  InvalidTRN: { httpStatus: 400 },
  'InvalidFlowLogId.Malformed': { httpStatus: 400 },
  InvalidTimestamp: { httpStatus: 400, codeN: 100006 },
  Throttling: { httpStatus: 400 },
  RequestThrottled: { httpStatus: 400 },
  TooManyRequestsException: { httpStatus: 400 },
  SessionTokenInvalid: { httpStatus: 400 },
  AccessKeyIsExpire: { httpStatus: 400 },
  InvalidAccessKeyStatus: { httpStatus: 400 },
  AccessDeniedException: { httpStatus: 400 },
  ExpiredToken: { httpStatus: 400 },
  // Published nowhere; an assumption of this fake.
  InvalidIdentityToken: { httpStatus: 400 },
  IdempotentParameterMismatch: { httpStatus: 400 },
  'InvalidFlowLog.InvalidStatus': { httpStatus: 400 },
  MissingAuthenticationToken: { httpStatus: 401, codeN: 100003 },
  MissingSignature: { httpStatus: 401, codeN: 100005 },
  InvalidAccessKey: { httpStatus: 401, codeN: 100009 },
  SignatureDoesNotMatch: { httpStatus: 401, codeN: 100010 },
  InvalidSecretToken: { httpStatus: 401 },
  AccessDenied: { httpStatus: 403, codeN: 100013 },
  LackPolicy: { httpStatus: 403, codeN: 100012 },
  LackProjectPolicy: { httpStatus: 403 },
  ServiceNotFound: { httpStatus: 404, codeN: 100007 },
  InvalidActionOrVersion: { httpStatus: 404, codeN: 100008 },
  'InvalidFlowLog.NotFound': { httpStatus: 404 },
  MethodNotAllowed: { httpStatus: 405, codeN: 100020 },
  'InvalidOperation.Conflict': { httpStatus: 409 },
  IdempotentProcessing: { httpStatus: 412 },
  FlowLimitExceeded: { httpStatus: 429, codeN: 100018 },
  AccountFlowLimitExceeded: { httpStatus: 429, codeN: 100027 },
  RequestLimitExceeded: { httpStatus: 429 },
  InternalError: { httpStatus: 500, codeN: 100014 },
  UndefinedError: { httpStatus: 500, codeN: 100001 },
  InternalServiceError: { httpStatus: 502 },
  FailToConnect: { httpStatus: 502 },
  ServiceUnavailableTemp: { httpStatus: 503, codeN: 100017 },
  InternalServiceTimeout: { httpStatus: 504, codeN: 100016 },
} as const satisfies Record<string, { httpStatus: number; codeN?: number }>;

type CatalogueCode = keyof typeof CATALOGUE;
export type ErrorCode = CatalogueCode | `MissingParameter.${string}` | `InvalidParameter.${string}`;

export type PublishedError = { httpStatus: number; codeN?: number };

const PUBLISHED = new Map<string, PublishedError>(Object.entries(CATALOGUE));

/** `InvalidParameter.FlowLogIds` is found under `InvalidParameter`; undefined for a code that is not published. */
export function publishedError(code: string): PublishedError | undefined {
  return PUBLISHED.get(code) ?? PUBLISHED.get(code.replace(/^((?:Missing|Invalid)Parameter)\..+$/, '$1'));
}

/** A reply with `ResponseMetadata.Error`. */
export class ApiError extends Error {
  readonly code: string;
  readonly httpStatus: number;
  readonly codeN: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: { retryAfterSeconds?: number } = {}) {
    super(message);
    this.name = 'ApiError';
    const { httpStatus, codeN } = publishedError(code) ?? { httpStatus: 400 };
    this.code = code;
    this.httpStatus = httpStatus;
    this.codeN = codeN;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
