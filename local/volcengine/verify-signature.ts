import { createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { type Authorization, parseAuthorization } from './authorization-header.ts';
import { canonicalRequest, stringToSign } from './canonical-request.ts';
import type { AccountCredential, Credentials } from './credentials.ts';
import type { Sessions } from './sessions.ts';
import type { SignedRequest } from './signed-request.ts';

export type Caller = {
  account: string;
  accountId: string;
  accessKey: string;
  region: string;
  /** The service that the call is signed for. */
  service: string;
};

/** Published nowhere; an assumption of this fake. */
const TOLERATED_SKEW_MS = 15 * 60 * 1000;
const SERVICES = ['vpc', 'sts'];
const ALWAYS_SIGNED = ['host', 'x-date'];
const SIGNED_WHEN_SENT = ['x-security-token', 'x-content-sha256'];

/** Throws an ApiError for everything that the gateway would refuse, before it reads the action. */
export function verifySignature(
  request: SignedRequest,
  { credentials, sessions }: { credentials: Credentials; sessions: Sessions },
  nowMs: number,
): Caller {
  const header = single(request, 'authorization');
  if (header === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'The request has no Authorization header.');
  }
  const authorization = parseAuthorization(header);
  const xDate = single(request, 'x-date');
  if (xDate === undefined) throw new ApiError('MissingRequestInfo', 'The request has no X-Date header.');
  checkTime(xDate, nowMs);
  checkScope(authorization, xDate);
  checkSignedHeaders(request, authorization);

  const session = sessions.find(authorization.accessKey);
  const credential = session ?? credentials.find(authorization.accessKey);
  if (credential === undefined) {
    throw new ApiError('InvalidAccessKey', `The access key ${authorization.accessKey} is not known.`);
  }
  checkSessionToken(single(request, 'x-security-token'), credential);
  if (session !== undefined && nowMs >= session.expiresAt) {
    throw new ApiError('InvalidSecretToken', 'X-Security-Token has expired.');
  }

  const canonical = canonicalRequest(request, authorization.signedHeaders);
  if (
    canonical === undefined ||
    !sameText(
      authorization.signature,
      expectedSignature(credential.secretKey, authorization, xDate, canonical),
    )
  ) {
    throw new ApiError('SignatureDoesNotMatch', 'The signature does not match the request.');
  }
  const { account, accountId, accessKey } = credential;
  return { account, accountId, accessKey, region: authorization.region, service: authorization.service };
}

function expectedSignature(
  secretKey: string,
  scope: Authorization,
  xDate: string,
  canonical: string,
): string {
  const parts = [scope.date, scope.region, scope.service, scope.terminator];
  let key: string | Buffer = secretKey;
  for (const part of parts) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key)
    .update(stringToSign(xDate, parts.join('/'), canonical))
    .digest('hex');
}

function checkTime(xDate: string, nowMs: number): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(xDate);
  const [, year, month, day, hour, minute, second] = match ?? [];
  const sentAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(sentAt)) {
    throw new ApiError('InvalidTimestamp', 'X-Date is not a time in the form yyyymmddThhmmssZ.');
  }
  if (Math.abs(sentAt - nowMs) > TOLERATED_SKEW_MS) {
    throw new ApiError(
      'InvalidTimestamp',
      'X-Date is more than 15 minutes away from the time of the server.',
    );
  }
}

function checkScope(scope: Authorization, xDate: string): void {
  const { date, service, terminator } = scope;
  if (date !== xDate.slice(0, 8) || !SERVICES.includes(service) || terminator !== 'request') {
    throw new ApiError(
      'InvalidCredential',
      'The credential scope is not <date of X-Date>/<region>/<vpc or sts>/request.',
    );
  }
}

function checkSignedHeaders(request: SignedRequest, { signedHeaders }: Authorization): void {
  const required = [...ALWAYS_SIGNED, ...SIGNED_WHEN_SENT.filter((name) => request.headers.has(name))];
  for (const name of required) {
    if (!signedHeaders.includes(name)) {
      throw new ApiError('InvalidAuthorization', `The header ${name} is not signed.`);
    }
    single(request, name);
  }
  const sha256 = single(request, 'x-content-sha256');
  if (sha256 !== undefined && sha256 !== request.bodySha256) {
    throw new ApiError('SignatureDoesNotMatch', 'X-Content-Sha256 is not the hash of the body.');
  }
}

function checkSessionToken(token: string | undefined, credential: AccountCredential): void {
  if (!sameText(token ?? '', credential.sessionToken ?? '')) {
    throw new ApiError('InvalidSecretToken', 'X-Security-Token does not belong to this access key.');
  }
}

/** A header that the verification relies on must not be sent twice. */
function single(request: SignedRequest, name: string): string | undefined {
  const values = request.headers.get(name) ?? [];
  if (values.length > 1) throw new ApiError('InvalidAuthorization', `The header ${name} is sent twice.`);
  return values[0];
}

/** The time does not depend on the content. The length is not a secret. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
