import { describe, expect, test } from 'vitest';
import openapi from '../../contracts/openapi.json' with { type: 'json' };
import { problemExample } from '../../lib/api/openapi/problem-documents.ts';
import type { PROBLEMS } from '../../lib/api/problems/catalogue.ts';
import type { Exchange } from './documents/exchange.ts';
import { createHttpContract } from './documents/http-contract.ts';

const contract = createHttpContract(openapi);

const BATCH = 'b-0123456789abcdef0123456789abcdef';
const json = { 'content-type': 'application/json' };
const problemJson = { 'content-type': 'application/problem+json' };
const accepted = {
  batchId: BATCH,
  activations: [
    {
      activationId: `default.cn-beijing.fl-1.${BATCH}`,
      flowLogId: 'fl-1',
      region: 'cn-beijing',
      account: 'default',
      status: 'queued',
      joined: false,
    },
  ],
};

type Change = Partial<Omit<Exchange, 'requestBody' | 'body'>> & { request?: unknown; answer?: unknown };

/** A request that the document allows, with an answer as it is documented; and a change. */
function exchange({ request, answer, ...change }: Change = {}): Exchange {
  return {
    method: 'POST',
    target: '/activations',
    requestHeaders: { ...json, 'idempotency-key': 'ticket-42' },
    requestBody: bytesOf(request ?? { flowLogIds: ['fl-1'] }),
    status: 202,
    headers: { ...json, location: `/batches/${BATCH}` },
    body: bytesOf(answer ?? accepted),
    ...change,
  };
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function refused(code: keyof typeof PROBLEMS, change: Change = {}): Exchange {
  const answer = problemExample(code);
  return exchange({ status: answer.status, headers: problemJson, answer, ...change });
}

const list = { method: 'GET', request: '', requestHeaders: {}, headers: json, status: 200 };
const page = { activations: [] };

test.each<[string, Exchange]>([
  ['a request that is accepted', exchange()],
  ['a page', exchange({ ...list, target: '/activations?limit=200&status=failed', answer: page })],
  ['a bad request that is refused', refused('invalid-content', { request: { flowLogIds: [] } })],
  ['a bad body that is refused', refused('unparsable-body', { request: 'no JSON' })],
  [
    'a wrong content type that is refused',
    refused('unsupported-media-type', { requestHeaders: { 'content-type': 'text/xml' } }),
  ],
  [
    'a rule that the document has in words only',
    refused('invalid-content', {
      answer: {
        ...problemExample('invalid-content'),
        errors: [{ field: 'account', message: 'is not a configured account alias' }],
      },
    }),
  ],
  [
    'a 503 of API Gateway',
    exchange({ status: 503, headers: json, answer: { message: 'Service Unavailable' } }),
  ],
  ['a path that is not there', refused('unknown-route', { target: '/nothing' })],
  [
    'a method that is not there',
    refused('method-not-allowed', { method: 'PUT', headers: { ...problemJson, allow: 'GET, POST' } }),
  ],
])('nothing is found in %s', (_, good) => {
  expect(contract.check(good).violations).toEqual([]);
});

describe('the check finds', () => {
  test.each<[string, Exchange, RegExp]>([
    ['a status', exchange({ status: 201 }), /status 201 of requestActivations is not documented/],
    ['a content type', exchange({ headers: { 'content-type': 'text/plain' } }), /content type text\/plain/],
    ['an answer that is no JSON', exchange({ answer: 'ok' }), /it is not JSON/],
    ['a field too many', exchange({ answer: { ...accepted, extra: 1 } }), /additionalProperty":"extra/],
    [
      'a field too few',
      exchange({ answer: { batchId: BATCH } }),
      /must have required property 'activations'/,
    ],
    ['a field of another type', exchange({ answer: { ...accepted, batchId: 7 } }), /batchId must be string/],
    [
      'a value that is not in its list',
      exchange({
        answer: { ...accepted, activations: accepted.activations.map((one) => ({ ...one, status: 'new' })) },
      }),
      /status must be equal to one of the allowed values/,
    ],
    ['a header that is missing', exchange({ headers: json }), /header Location is missing/],
    [
      'a header that is wrong',
      exchange({ headers: { ...json, location: '/elsewhere' } }),
      /header Location must match/,
    ],
    [
      'a problem of a type that is not documented here',
      refused('not-redrivable', { status: 422, request: { flowLogIds: [] } }),
      /status must be equal to constant|type must be equal to one of/,
    ],
    [
      'a problem with another title',
      refused('invalid-content', {
        request: {},
        answer: { ...problemExample('invalid-content'), title: 'No' },
      }),
      /has the title No/,
    ],
    [
      'a problem without its header',
      refused('request-unfinished', { headers: problemJson }),
      /request-unfinished is without the header Retry-After/,
    ],
    [
      'a bad field that is accepted',
      exchange({ request: { flowLogIds: ['fl 1'] } }),
      /accepted, though the document does not allow it: \/flowLogIds\/0/,
    ],
    ['an unknown field that is accepted', exchange({ request: { flowLogIds: ['a'], b: 1 } }), /accepted/],
    [
      'a body of text that is accepted',
      exchange({ requestHeaders: { 'content-type': 'text/plain' } }),
      /accepted/,
    ],
    [
      'a bad header that is accepted',
      exchange({ requestHeaders: { ...json, 'idempotency-key': 'a b' } }),
      /accepted.*header: Idempotency-Key/,
    ],
    [
      'a bad parameter that is accepted',
      exchange({ ...list, target: '/activations?limit=201', answer: page }),
      /accepted.*query: limit/,
    ],
    [
      'an unknown parameter that is accepted',
      exchange({ ...list, target: '/activations?color=red', answer: page }),
      /accepted.*color is not documented/,
    ],
    [
      'a parameter given twice that is accepted',
      exchange({ ...list, target: '/activations?limit=1&limit=2', answer: page }),
      /accepted.*query: limit/,
    ],
    ['a good request that is refused', refused('invalid-content'), /refused with 422, though/],
    ['a good body that cannot be parsed', refused('unparsable-body'), /refused with 400, though/],
    ['a path that should not be there', exchange({ target: '/nothing' }), /202, not 404/],
    [
      'another list of methods',
      refused('method-not-allowed', { method: 'PUT', headers: { ...problemJson, allow: 'GET' } }),
      /Allow is GET, not GET, POST/,
    ],
  ])('%s', (_, bad, violation) => {
    expect(contract.check(bad).violations.join('\n')).toMatch(violation);
  });
});
