import { describe, expect, test } from 'vitest';
import { decideError, decideForeign, decideNetwork, toFailure } from '../../../lib/volcengine/classify.ts';
import { type Decision, ERROR_TABLE } from '../../../lib/volcengine/error-table.ts';

const OTHER_STATUSES = [200, 302, 400, 401, 404, 429, 500, 503];
/** The documented table, in words of its own: a row changed by mistake must not change its test with it. */
const DOCUMENTED: Record<string, string> = {
  IdempotentParameterMismatch: 'dead-letter client-token-reused',
  'InvalidFlowLog.InvalidStatus': 'verify',
  'InvalidParameter.ClientTokenMalformed': 'dead-letter client-token-malformed',
  'InvalidFlowLog.NotFound': 'dead-letter not-found',
  'InvalidOperation.Conflict': 'retry',
  IdempotentProcessing: 'retry soon',
  FlowLimitExceeded: 'throttled',
  AccountFlowLimitExceeded: 'throttled',
  RequestLimitExceeded: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  RequestThrottled: 'throttled',
  RequestThrottledException: 'throttled',
  TooManyRequestsException: 'throttled',
  ProvisionedThroughputExceededException: 'throttled',
  PriorRequestNotComplete: 'throttled',
  TransactionInProgressException: 'throttled',
  InternalError: 'retry',
  UndefinedError: 'retry',
  InternalServiceError: 'retry',
  FailToConnect: 'retry',
  ServiceUnavailableTemp: 'retry',
  InternalServiceTimeout: 'retry',
  InvalidTimestamp: 'retry clock',
  MissingAuthenticationToken: 'hold credentials',
  MissingSignature: 'hold credentials',
  InvalidAccessKey: 'hold credentials',
  InvalidClientTokenId: 'hold credentials',
  SignatureDoesNotMatch: 'hold credentials',
  InvalidSecretToken: 'hold credentials',
  InvalidAuthorization: 'hold credentials',
  InvalidCredential: 'hold credentials',
  SessionTokenInvalid: 'hold credentials',
  AccessKeyIsExpire: 'hold credentials',
  InvalidAccessKeyStatus: 'hold credentials',
  AccessDeniedException: 'hold credentials',
  ExpiredToken: 'hold credentials',
  ExpiredTokenException: 'hold credentials',
  RequestExpired: 'hold credentials',
  AccessDenied: 'hold',
  LackPolicy: 'hold',
  LackProjectPolicy: 'hold',
  ServiceNotFound: 'hold',
  InvalidActionOrVersion: 'hold',
  MethodNotAllowed: 'hold',
  MissingParameter: 'dead-letter invalid-request',
  MissingRequestInfo: 'dead-letter invalid-request',
  InvalidParameter: 'dead-letter invalid-request',
};

/** In words of its own too: what is left of a code with a suffix is its form. */
const FAMILY_OF_SUFFIXED: [RegExp, string][] = [
  [/Limit|Throttl|TooMany/, 'throttled'],
  [/AccessKey|SecretToken|SessionToken|ExpiredToken|Credential|Signature|AccessDenied/, 'hold credentials'],
];

function inWords(decision: Decision): string {
  if (decision.kind === 'dead-letter') return `dead-letter ${decision.reason}`;
  const { kind, ...flags } = decision;
  return [kind, ...Object.keys(flags)].join(' ');
}

test('the table holds just the documented codes', () => {
  expect(new Set(ERROR_TABLE.map((row) => row.code))).toEqual(new Set(Object.keys(DOCUMENTED)));
});

describe.each(ERROR_TABLE.filter((row) => row.message === undefined))(
  '$code',
  ({ code, codeN = [], documentedStatus, prefix }) => {
    test('decides by its Code, whatever the status and the CodeN', () => {
      for (const status of [...documentedStatus, ...OTHER_STATUSES]) {
        const decided = decideError({ code, codeN: 100014, message: 'any' }, status);
        expect({ code: decided.code, decision: inWords(decided.decision) }).toEqual({
          code,
          decision: DOCUMENTED[code],
        });
      }
    });

    test.each(codeN)('decides by CodeN %i under an unknown Code, and names itself under none', (number) => {
      for (const status of OTHER_STATUSES) {
        const unknown = decideError({ code: 'Novel', codeN: number }, status);
        expect(unknown.code).toBe('Novel');
        expect(inWords(unknown.decision)).toBe(DOCUMENTED[code]);
        expect(decideError({ codeN: number }, status).code).toBe(code);
      }
    });

    test(`${prefix ? 'also' : 'not'} as a prefix`, () => {
      const { decision } = decideError({ code: `${code}.Suffix` }, 418);
      const isPrefix = prefix || code.startsWith('InvalidParameter');
      const family = FAMILY_OF_SUFFIXED.find(([codes]) => codes.test(code))?.[1];
      const expected = isPrefix ? 'dead-letter invalid-request' : (family ?? 'dead-letter unexpected');
      expect(inWords(decision)).toBe(expected);
    });
  },
);

describe('InvalidFlowLog.InvalidStatus', () => {
  const decide = (message?: string) =>
    inWords(decideError({ code: 'InvalidFlowLog.InvalidStatus', message }, 400).decision);

  test.each([
    'The flow log is in freeze.',
    'FROZEN',
    'has been Freezed',
    '资源已冻结',
    'flow log is freezing',
  ])('frozen: %s', (message) => {
    expect(decide(message)).toBe('dead-letter frozen');
  });

  test.each([undefined, '', 'The status of the flow log is Active.', '状态错误'])('look: %s', (message) => {
    expect(decide(message)).toBe('verify');
  });
});

describe('a code that no row knows is told by its form, whatever its status', () => {
  test.each([
    ['ThrottlingException.User', 'throttled'],
    ['Throttling.Api', 'throttled'],
    ['TooManyRequests', 'throttled'],
    ['UserFlowLimitExceeded', 'throttled'],
    ['RateLimitExceeded', 'throttled'],
    ['AccessKeyExpired', 'hold credentials'],
    ['InvalidAccessKeyId.NotFound', 'hold credentials'],
    ['InvalidSessionToken', 'hold credentials'],
    ['InvalidSecurityToken.Expired', 'hold credentials'],
    ['IncompleteSignature', 'hold credentials'],
    ['UnauthorizedOperation', 'hold credentials'],
    ['InvalidFlowLogId.Malformed', 'dead-letter invalid-request'],
    ['InvalidFlowLogIds.TooMany', 'dead-letter invalid-request'],
    ['InvalidVpcId.NotFound', 'dead-letter invalid-request'],
    ['InvalidProjectName.Malformed', 'dead-letter invalid-request'],
    ['InvalidTagFilters.Malformed', 'dead-letter invalid-request'],
    ['InvalidNextToken.Malformed', 'dead-letter invalid-request'],
    ['InvalidClientToken.Malformed', 'dead-letter invalid-request'],
  ])('%s: %s', (code, expected) => {
    for (const status of [200, 400, 401, 403, 404, 500]) {
      expect(inWords(decideError({ code, message: 'any' }, status).decision)).toBe(expected);
    }
  });

  test.each([
    'InvalidFlowLog.QuotaExceeded',
    'InvalidVpc.InvalidStatus',
    'QuotaExceeded',
    'VpcLimitExceeded',
  ])('%s: not', (code) => {
    expect(inWords(decideError({ code }, 400).decision)).toBe('dead-letter unexpected');
  });

  test('but a CodeN that a row knows says more', () => {
    expect(inWords(decideError({ code: 'RateLimitBackendDown', codeN: 100014 }, 400).decision)).toBe('retry');
  });
});

test('the status that a body names decides where the wire says success, and only there', () => {
  const error = { code: 'Novel', httpStatus: 400 };
  expect(inWords(decideError(error, 200).decision)).toBe('dead-letter unexpected');
  expect(inWords(decideError(error, 502).decision)).toBe('retry');
  expect(inWords(decideError({ code: 'Novel', httpStatus: 200 }, 200).decision)).toBe('retry');
});

describe('an error that no row knows', () => {
  test.each([
    [200, 'retry'],
    [301, 'hold'],
    [400, 'dead-letter unexpected'],
    [401, 'hold credentials'],
    [403, 'hold credentials'],
    [404, 'dead-letter unexpected'],
    [407, 'hold'],
    [408, 'retry'],
    [409, 'dead-letter unexpected'],
    [413, 'dead-letter invalid-request'],
    [414, 'dead-letter invalid-request'],
    [418, 'dead-letter unexpected'],
    [425, 'retry'],
    [429, 'throttled'],
    [431, 'dead-letter invalid-request'],
    [500, 'retry'],
    [599, 'retry'],
  ])('with status %i: %s', (status, expected) => {
    for (const error of [{ code: 'Novel' }, { code: 'Novel', codeN: 1 }, {}]) {
      expect(inWords(decideError(error, status).decision)).toBe(expected);
    }
  });

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    'internalerror',
    ' InternalError',
  ])('code "%s" is just unknown', (code) => {
    expect(decideError({ code }, 400)).toEqual({
      code,
      decision: { kind: 'dead-letter', reason: 'unexpected' },
    });
  });

  test('without any code says so', () => {
    expect(decideError({}, 500).code).toBe('NoErrorCode');
  });
});

test.each([
  [200, 'retry'],
  [204, 'retry'],
  [302, 'hold'],
  [400, 'retry'],
  [401, 'hold credentials'],
  [403, 'hold credentials'],
  [404, 'hold'],
  [405, 'hold'],
  [407, 'hold'],
  [408, 'retry'],
  [413, 'dead-letter invalid-request'],
  [414, 'dead-letter invalid-request'],
  [425, 'retry'],
  [429, 'throttled'],
  [431, 'dead-letter invalid-request'],
  [500, 'retry'],
  [502, 'retry'],
  [504, 'retry'],
])('no Volcengine answer, status %i: %s', (status, expected) => {
  expect(inWords(decideForeign(status))).toBe(expected);
});

test.each([
  ['ConnectionReset', 'retry'],
  ['NameNotResolved', 'retry'],
  ['TlsFailure', 'retry'],
  ['Timeout', 'retry'],
  ['InvalidBody', 'retry'],
  ['InvalidRequest', 'hold'],
] as const)('failure of the way %s: %s', (code, expected) => {
  expect(inWords(decideNetwork(code))).toBe(expected);
});

test('toFailure keeps Retry-After where it makes sense, and never shows what is ours', () => {
  const error = { code: 'C', message: 'm' };
  const frozen = { kind: 'dead-letter', reason: 'frozen' } as const;
  const failure = (decision: Decision, retryAfterMs?: number) => toFailure(decision, error, retryAfterMs);
  const soon = { kind: 'retry', soon: true } as const;
  expect(failure({ ...soon, clock: true }, 5)).toStrictEqual({ ...soon, error, retryAfterMs: 5 });
  expect(failure({ kind: 'retry' })).toStrictEqual({ kind: 'retry', error });
  expect(failure({ kind: 'throttled' }, 5)).toStrictEqual({ kind: 'throttled', error, retryAfterMs: 5 });
  expect(failure({ kind: 'hold', credentials: true }, 5)).toStrictEqual({ kind: 'hold', error });
  expect(failure({ kind: 'verify' }, 5)).toStrictEqual({ kind: 'verify', error });
  expect(failure(frozen, 5)).toStrictEqual({ ...frozen, error });
});
