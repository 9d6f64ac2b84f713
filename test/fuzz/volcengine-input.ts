import fc from 'fast-check';
import { ERROR_TABLE } from '../../lib/volcengine/error-table.ts';
import type { NetworkFailure, NetworkFailureCode } from '../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../lib/volcengine/response-collector.ts';
import { byteMutation, mutateBytes } from './byte-mutation.ts';
import { jsonMutation, mutate, toNode, toText } from './json-node.ts';
import { mostly, oddText, perhaps, someOf } from './odd-text.ts';

/** What the fuzzed answers may quote, and no outcome may repeat. */
export const CREDENTIALS = {
  accessKeyId: 'AKLT-of-the-fuzzing',
  secretAccessKey: 'secret-of-the-fuzzing',
  sessionToken: 'session-token-of-the-fuzzing',
};

const NETWORK_CODES: NetworkFailureCode[] = [
  'BodyTimeout',
  'ConnectTimeout',
  'ConnectionClosed',
  'ConnectionRefused',
  'ConnectionReset',
  'HeadersTimeout',
  'InvalidBody',
  'InvalidRequest',
  'InvalidResponse',
  'NetworkError',
  'Timeout',
  'TlsFailure',
  'TransportClosed',
];

const requestId = mostly(fc.constant('202601020304050A1B2C3D'), oddText, 12);
const quoting = fc
  .constantFrom(...Object.values(CREDENTIALS))
  .map((secret) => `The request was: Signature=0123abcdef, token ${secret}`);
const message = fc.oneof(
  fc.constantFrom('The flow log is in freeze status.', 'The status is not Inactive.', '资源已冻结'),
  oddText,
  quoting,
);

const success = (result: fc.Arbitrary<unknown>) =>
  fc.record({
    ResponseMetadata: fc.record({
      RequestId: requestId,
      Action: fc.constant('A'),
      Region: fc.constant('cn-beijing'),
    }),
    Result: result,
  });

const refusal = fc
  .tuple(fc.constantFrom(...ERROR_TABLE), message, requestId, mostly(fc.constant(undefined), oddText))
  .map(([row, text, id, code]) => ({
    httpStatus: row.documentedStatus[0] ?? 400,
    document: {
      ResponseMetadata: {
        RequestId: id,
        Error: { Code: code ?? row.code, CodeN: row.codeN?.[0], Message: text },
      },
    },
  }));

type Refusal = {
  httpStatus: number;
  document: { ResponseMetadata: { Error: { Code: unknown; Message: string } } };
};

function inSimpleShape({ httpStatus, document }: Refusal) {
  const { Code: errorcode, Message: message } = document.ResponseMetadata.Error;
  return { httpStatus, document: { HTTPCode: httpStatus, errorcode, message } };
}

const gatewayBody = fc.oneof(
  fc.constantFrom(
    '',
    '<html><h1>502 Bad Gateway</h1></html>',
    'null',
    '[]',
    '{}',
    '{"ResponseMetadata":null}',
    'upstream',
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString()),
  oddText,
);
/** Longer ones come over the socket, where the transport's own limit stands. */
const giant = fc
  .constantFrom('[', '{"a":', '"', ' ', '0')
  .map((unit) => unit.repeat(Math.floor(2_000_000 / unit.length)));

const ODD_STATUSES = [
  200, 201, 204, 206, 301, 304, 307, 401, 403, 404, 405, 407, 408, 413, 414, 425, 429, 431, 499, 999,
];
const oddStatus = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(...ODD_STATUSES));
const utcDate = fc.date({ noInvalidDate: true }).map((value) => value.toUTCString());
const date = perhaps(mostly(utcDate, oddText, 2));
const wait = fc.constantFrom(
  '1',
  '30',
  '0',
  '-1',
  '1e3',
  '99999999999999999999',
  'Fri, 02 Jan 2026 03:05:00 GMT',
);
const retryAfter = perhaps(mostly(wait, oddText, 2));

/** Answers near those that the action has, with every defect; and what gateways and networks put in their place. */
export function answerNear(result: fc.Arbitrary<unknown>): fc.Arbitrary<VolcengineReply | NetworkFailure> {
  const documented = fc.oneof(
    {
      weight: 3,
      arbitrary: success(result).map((document) => ({ httpStatus: 200, document: document as unknown })),
    },
    { weight: 2, arbitrary: refusal },
    { weight: 1, arbitrary: refusal.map(inSimpleShape) },
  );
  const answered = fc
    .tuple(
      documented,
      someOf(jsonMutation, 3),
      someOf(byteMutation, 1),
      mostly(fc.constant(undefined), oddStatus, 3),
    )
    .map(([{ httpStatus, document }, mutations, byteMutations, status]) => ({
      httpStatus: status ?? httpStatus,
      body: mutateBytes(Buffer.from(toText(mutate(toNode(document), mutations))), byteMutations).toString(),
    }));
  const strange = fc.record({ httpStatus: oddStatus, body: gatewayBody });
  const enormous = fc.record({ httpStatus: oddStatus, body: giant });
  const http = fc
    .tuple(
      fc.oneof(
        { weight: 300, arbitrary: answered },
        { weight: 40, arbitrary: strange },
        { weight: 1, arbitrary: enormous },
      ),
      date,
      retryAfter,
    )
    .map(
      ([answer, dateHeader, retryAfterHeader]): VolcengineReply => ({
        kind: 'reply',
        ...answer,
        ...(dateHeader !== undefined && { date: dateHeader }),
        ...(retryAfterHeader !== undefined && { retryAfter: retryAfterHeader }),
      }),
    );
  const network = fc.record({
    kind: fc.constant('network-failure' as const),
    code: fc.constantFrom(...NETWORK_CODES),
    message: fc.oneof(oddText, quoting),
  });
  return fc.oneof({ weight: 12, arbitrary: http }, { weight: 1, arbitrary: network });
}

export const activeAnswer = answerNear(
  fc.oneof(fc.constant({}), fc.record({ RequestId: requestId, AsyncTaskId: requestId })),
);
