import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { requestEvent } from '../../local/http-api/request-event.ts';
import { byteMutation, mutateBytes } from './byte-mutation.ts';
import { type JsonNode, jsonMutation, mutate, oddNode, toNode, toText } from './json-node.ts';
import { mostly, oddKey, oddText, perhaps, someOf } from './odd-text.ts';

export type HttpInput = {
  headers: Record<string, string>;
  body: Buffer;
  query: [string, string][];
  pathParameters: Record<string, string>;
  authorizer: unknown;
  /** Beyond what API Gateway does: transport that contradicts itself. */
  misdeclared: { isBase64Encoded: boolean; body: string } | undefined;
};

const contentType = mostly(
  fc.constantFrom('application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset="UTF-8"'),
  fc.oneof(
    oddText,
    fc.constantFrom(
      '',
      'text/plain',
      'application/json; charset=utf-16',
      'application/problem+json',
      'image/png',
    ),
    fc.nat(9_000).map((spaces) => `application/json${' '.repeat(spaces)}; charset=utf-8 x`),
  ),
  6,
);

const idempotencyKey = perhaps(mostly(fc.constantFrom('key-1', 'key-2', '~'.repeat(255)), oddText));

const headerName = mostly(fc.constantFrom('x-a', 'host', 'content-length', 'user-agent'), oddKey);

const headers = fc
  .record({
    'content-type': contentType,
    'idempotency-key': idempotencyKey,
    cookie: perhaps(oddText),
    more: fc.dictionary(headerName, oddText, { maxKeys: 3 }),
  })
  .map(({ more, ...known }) => {
    const present = Object.entries(known).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return Object.fromEntries([...Object.entries(more), ...present]);
  });

/** Documents near one of `valid`, as text with every defect that text can have. */
export function bodyNear(valid: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const node: fc.Arbitrary<JsonNode> = fc
    .tuple(valid, someOf(jsonMutation, 3))
    .map(([document, mutations]) => mutate(toNode(document), mutations));
  const text = fc
    .tuple(mostly(node, oddNode, 9).map(toText), someOf(byteMutation, 1))
    .map(([json, mutations]) => mutateBytes(Buffer.from(json), mutations));
  return fc.oneof(
    { weight: 40, arbitrary: text },
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constantFrom('"', '[', '{"a":', ' ').map(beyondTheLimit) },
  );
}

function beyondTheLimit(unit: string): Buffer {
  return Buffer.from(unit.repeat(Math.ceil(1_000_100 / unit.length)));
}

const identity = { accountId: oddText, callerId: oddText, userId: oddText, userArn: oddText };
const isThere = (text: string) => text !== '';
const wholeIam = fc.record({
  ...identity,
  accountId: oddText.filter(isThere),
  callerId: oddText.filter(isThere),
  userArn: oddText.filter(isThere),
});
const lackingIam = fc.record(identity, { requiredKeys: [] });

const misdeclared = fc.record({ isBase64Encoded: fc.boolean(), body: oddText });

export function httpInput(parts: {
  body?: fc.Arbitrary<Buffer>;
  query?: fc.Arbitrary<[string, string][]>;
  pathParameters?: fc.Arbitrary<Record<string, string>>;
}): fc.Arbitrary<HttpInput> {
  const nothing = fc.constant(Buffer.alloc(0));
  return fc.record({
    headers,
    body: parts.body ?? mostly(nothing, bodyNear(fc.constant({}))),
    query:
      parts.query ??
      mostly(fc.constant<[string, string][]>([]), fc.array(fc.tuple(oddKey, oddText), { maxLength: 4 })),
    pathParameters: parts.pathParameters ?? fc.constant({}),
    authorizer: mostly(
      wholeIam.map((iam) => ({ iam })),
      fc.oneof(
        fc.constant(undefined),
        lackingIam.map((iam) => ({ iam })),
        fc.jsonValue(),
      ),
      6,
    ),
    misdeclared: mostly(fc.constant(undefined), misdeclared, 12),
  });
}

/** The event that API Gateway makes of it (payload format 2.0). */
export function eventOf(
  input: HttpInput,
  routeKey: string,
  method: string,
  path: string,
): APIGatewayProxyEventV2 {
  const { headers, body, query, pathParameters, authorizer, misdeclared } = input;
  const search = new URLSearchParams();
  for (const [name, value] of query) search.append(name.toWellFormed(), value.toWellFormed());
  const target = query.length > 0 ? `${path}?${search}` : path;
  const values = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const event = requestEvent(
    { method, target, headers: values, body, sourceIp: '127.0.0.1' },
    {
      routeKey,
      pathParameters,
      requestId: 'request-1',
      now: new Date(0),
      accountId: '000000000000',
      iam: false,
    },
  );
  const requestContext = { ...event.requestContext, ...(authorizer !== undefined && { authorizer }) };
  return { ...event, requestContext, ...misdeclared };
}
