import { expect, test } from 'vitest';
import { requestIdsOf } from '../../../lib/http/request-ids.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';

const idsOf = (headers: Record<string, string | undefined>) =>
  requestIdsOf(httpEvent('GET', '/status', { headers }));
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test.each([
  'OPS-42',
  '5377aea1-413a-425f-a2ac-945f37f1d08e',
  'Root=1-67891233-abcdef012345678912345678',
  'JKJaXmPLvHcESHA=',
  'x'.repeat(64),
])('the caller names its request: %s', (id) => {
  expect(idsOf({ 'x-request-id': id })).toEqual({ callerRequestId: id });
});

test.each([
  ['none', undefined],
  ['empty', ''],
  ['too long', 'x'.repeat(65)],
  ['that comes twice', 'a,b'],
  ['with a blank', 'a b'],
  ['with a new line', 'a\n{"level":"ERROR"}'],
  ['with a quote', 'a"b'],
  ['with markup', '<b>'],
  ['that a terminal obeys', 'a\u001b[31m'],
  ['beyond ASCII', 'é'],
  ['that looks like an option', '-rf'],
])('an id %s is that of API Gateway', (_what, id) => {
  expect(idsOf({ 'x-request-id': id })).toEqual({ callerRequestId: 'request-1' });
});

test('a traceparent goes along as it was sent', () => {
  expect(idsOf({ traceparent: TRACEPARENT })).toEqual({
    callerRequestId: 'request-1',
    traceparent: TRACEPARENT,
  });
});

test.each([
  ['of another version', TRACEPARENT.replace('00-', '01-')],
  ['with more', `${TRACEPARENT}-x`],
  ['in capitals', TRACEPARENT.toUpperCase()],
  ['without a trace', TRACEPARENT.replace(/-\w{32}-/, `-${'0'.repeat(32)}-`)],
  ['without a span', TRACEPARENT.replace(/-\w{16}-/, `-${'0'.repeat(16)}-`)],
  ['that comes twice', `${TRACEPARENT},${TRACEPARENT}`],
  ['after a new line', `\n${TRACEPARENT}`],
  ['before a new line', `${TRACEPARENT}\n`],
])('a traceparent %s counts as absent', (_what, traceparent) => {
  expect(idsOf({ traceparent })).toEqual({ callerRequestId: 'request-1' });
});
