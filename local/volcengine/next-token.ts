import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { invalidValue, type Parameters } from './parameters.ts';
import type { Caller } from './verify-signature.ts';

const NextTokenSchema = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, 'base64url').toString()),
  v.parseJson(),
  v.strictObject({ after: v.string(), fingerprint: v.string() }),
);

/** Identifies a query by its account, region and filters. The page size may change between pages. */
export function pageFingerprint({ account, region }: Caller, parameters: Parameters): string {
  const filters = [...parameters]
    .filter(([name]) => name !== 'NextToken' && name !== 'MaxResults')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([account, region, filters]))
    .digest('hex')
    .slice(0, 16);
}

export function writeNextToken(after: string, fingerprint: string): string {
  return Buffer.from(JSON.stringify({ after, fingerprint })).toString('base64url');
}

/** Returns the last id of the page before. Throws an ApiError for a token that was not returned for this query. */
export function parseNextToken(nextToken: string | undefined, fingerprint: string): string | undefined {
  if (nextToken === undefined) return undefined;
  const parsed = v.safeParse(NextTokenSchema, nextToken);
  if (!parsed.success || parsed.output.fingerprint !== fingerprint) {
    throw invalidValue('NextToken', 'was not given for this question');
  }
  return parsed.output.after;
}
