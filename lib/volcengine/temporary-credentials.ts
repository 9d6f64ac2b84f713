import type { Credentials } from './credentials.ts';
import { isRecord, type JsonRecord, textOf } from './json-value.ts';

/** `lifetimeMs`: by the server's clock alone. */
export type TemporaryCredentials = { credentials: Credentials; lifetimeMs: number };

/** The references name no other characters that are allowed everywhere. */
export const DEFAULT_SESSION_NAME = 'flow-log-activator';

/** STS has one version of its actions: https://www.volcengine.com/docs/6257/86374. */
export const STS = { service: 'sts', version: '2018-01-01' } as const;

/**
 * Reads the credentials of AssumeRole and AssumeRoleWithOIDC. They end at `ExpiredTime` or, in the official Go SDK's
 * type of the latter, at `Expiration`. `date`: the reply's own time, if it has no `CurrentTime`. Undefined if anything
 * is missing, or if they have ended already.
 */
export function readTemporaryCredentials(
  { Credentials: given }: JsonRecord,
  date?: string,
): TemporaryCredentials | undefined {
  if (!isRecord(given)) return undefined;
  const accessKeyId = textOf(given.AccessKeyId);
  const secretAccessKey = textOf(given.SecretAccessKey);
  const sessionToken = textOf(given.SessionToken);
  const lifetimeMs = timeOf(given.ExpiredTime ?? given.Expiration) - timeOf(given.CurrentTime ?? date);
  if (!accessKeyId || !secretAccessKey || !sessionToken || !(lifetimeMs > 0)) return undefined;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, lifetimeMs };
}

/** Parses RFC 3339 with any offset, and the form of a Date header. Returns NaN for anything else. */
function timeOf(value: unknown): number {
  return Date.parse(textOf(value) ?? '');
}
