import { afterEach } from 'vitest';
import openapi from '../../contracts/openapi.json' with { type: 'json' };
import { createHttpContract } from '../contract/documents/http-contract.ts';

/** Every exchange with the API that goes through `fetch` is held to the document; a violation fails the test. */
const contract = createHttpContract(openapi);
const violations: string[] = [];

/** Operations with the statuses that they were answered with, in this file of tests: `readBatch 200`. */
export const covered = new Set<string>();

/** Beside the API on its port, and not part of it. */
const LOCAL_ONLY = /^\/(_local|2015-03-31)(\/|$)/;

const plainFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  // A copy: what is sent goes the way that it would go without this.
  const request = new Request(input instanceof Request ? input.clone() : input, init);
  const { method, headers } = request;
  const url = new URL(request.url);
  const response = await plainFetch(input, init);
  // Only the API's answers have it, those of a function and those of the gateway's own.
  if (!response.headers.has('apigw-requestid') || LOCAL_ONLY.test(url.pathname)) return response;
  const answered = await response
    .clone()
    .arrayBuffer()
    .catch(() => undefined);
  // A connection that was cut is no answer; the caller sees that for itself.
  if (answered === undefined) return response;
  const verdict = contract.check({
    method,
    target: url.pathname + url.search,
    requestHeaders: Object.fromEntries(headers),
    requestBody: Buffer.from(await request.arrayBuffer()),
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(answered),
  });
  if (verdict.covered !== undefined) covered.add(verdict.covered);
  for (const violation of verdict.violations) {
    violations.push(`${method} ${url.pathname} ${response.status}: ${violation}`);
  }
  return response;
};

afterEach(() => {
  const found = violations.splice(0);
  if (found.length > 0) throw new Error(`not as in contracts/openapi.yaml:\n${found.join('\n')}`);
});
