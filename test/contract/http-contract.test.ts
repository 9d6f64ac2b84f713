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

type Change = Partial<Omit<Exchange, 'requestBody' | 'body'>> & { request?: unknown; response?: unknown };

/** A request that the document allows, with a response as it is documented; and a change. */
function exchange({ request, response, ...change }: Change = {}): Exchange {
  return {
    method: 'POST',
    target: '/activations',
    requestHeaders: { ...json, 'idempotency-key': 'ticket-42' },
    requestBody: bytesOf(request ?? { flowLogIds: ['fl-1'] }),
    status: 202,
    headers: { ...json, location: `/batches/${BATCH}` },
    body: bytesOf(response ?? accepted),
    ...change,
  };
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function refused(code: keyof typeof PROBLEMS, change: Change = {}): Exchange {
  const response = problemExample(code);
  return exchange({ status: response.status, headers: problemJson, response, ...change });
}

/** A page of the list, asked for with this query. */
const listed = (query: string) => {
  const sent = { method: 'GET', target: `/activations?${query}`, request: '', requestHeaders: {} };
  return exchange({ ...sent, headers: json, status: 200, response: { activations: [] } });
};
const text = (type: string) => ({ 'content-type': type });
const allowing = (allow: string) =>
  refused('method-not-allowed', { method: 'PUT', headers: { ...problemJson, allow } });
const invalid = problemExample('invalid-content');
const inWords = { ...invalid, errors: [{ field: 'account', message: 'is not a configured account alias' }] };
const unavailable = { message: 'Service Unavailable' };

test.each<[string, Exchange]>([
  ['a request that is accepted', exchange()],
  ['a page', listed('limit=200&status=failed')],
  ['a bad request that is refused', refused('invalid-content', { request: { flowLogIds: [] } })],
  ['a bad body that is refused', refused('unparsable-body', { request: 'no JSON' })],
  [
    'a wrong content type that is refused',
    refused('unsupported-media-type', { requestHeaders: text('text/xml') }),
  ],
  ['a rule that the document has in words only', refused('invalid-content', { response: inWords })],
  ['a 503 of API Gateway', exchange({ status: 503, headers: json, response: unavailable })],
  ['a path that is not there', refused('unknown-route', { target: '/nothing' })],
  ['a method that is not there', allowing('GET, POST')],
])('nothing is found in %s', (_, good) => {
  expect(contract.check(good).violations).toEqual([]);
});

describe('the check finds', () => {
  const newStatus = {
    ...accepted,
    activations: accepted.activations.map((one) => ({ ...one, status: 'new' })),
  };
  const elsewhere = { ...json, location: '/elsewhere' };
  const otherTitle = { request: {}, response: { ...invalid, title: 'No' } };

  test.each<[string, Exchange, RegExp]>([
    ['a status', exchange({ status: 201 }), /status 201 of requestActivations is not documented/],
    ['a content type', exchange({ headers: text('text/plain') }), /content type text\/plain/],
    ['a response that is no JSON', exchange({ response: 'ok' }), /it is not JSON/],
    ['a field too many', exchange({ response: { ...accepted, extra: 1 } }), /additionalProperty":"extra/],
    [
      'a field too few',
      exchange({ response: { batchId: BATCH } }),
      /must have required property 'activations'/,
    ],
    [
      'a field of another type',
      exchange({ response: { ...accepted, batchId: 7 } }),
      /batchId must be string/,
    ],
    [
      'a value that is not in its list',
      exchange({ response: newStatus }),
      /status must be equal to one of the allowed values/,
    ],
    ['a header that is missing', exchange({ headers: json }), /header Location is missing/],
    ['a header that is wrong', exchange({ headers: elsewhere }), /header Location must match/],
    [
      'a problem of a type that is not documented here',
      refused('not-redrivable', { status: 422, request: { flowLogIds: [] } }),
      /status must be equal to constant|type must be equal to one of/,
    ],
    ['a problem with another title', refused('invalid-content', otherTitle), /has the title No/],
    [
      'a problem without its header',
      refused('request-unfinished', { headers: problemJson }),
      /request-unfinished is without the header Retry-After/,
    ],
    ['a good request that is refused', refused('invalid-content'), /refused with 422, though/],
    ['a good body that cannot be parsed', refused('unparsable-body'), /refused with 400, though/],
    ['a path that should not be there', exchange({ target: '/nothing' }), /202, not 404/],
    ['another list of methods', allowing('GET'), /Allow is GET, not GET, POST/],
  ])('%s', (_, bad, violation) => {
    expect(contract.check(bad).violations.join('\n')).toMatch(violation);
  });

  const badKey = { ...json, 'idempotency-key': 'a b' };
  test.each<[string, Exchange, string]>([
    ['a bad field', exchange({ request: { flowLogIds: ['fl 1'] } }), '/flowLogIds/0'],
    ['an unknown field', exchange({ request: { flowLogIds: ['a'], b: 1 } }), ''],
    ['a body of text', exchange({ requestHeaders: text('text/plain') }), ''],
    ['a bad header', exchange({ requestHeaders: badKey }), 'header: Idempotency-Key'],
    ['a bad parameter', listed('limit=201'), 'query: limit'],
    ['an unknown parameter', listed('color=red'), 'query: color is not documented'],
    ['a parameter given twice', listed('limit=1&limit=2'), 'query: limit'],
  ])('%s that is accepted', (_, bad, fault) => {
    const [violation] = contract.check(bad).violations;
    expect(violation).toContain(`accepted, though the document does not allow it: ${fault}`);
  });
});
