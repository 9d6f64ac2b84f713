import { describe, expect, test } from 'vitest';
import { activationCompletedExample } from '../../../../events/golden-examples.ts';
import { readMessage } from '../../../../lib/webhooks/outbound/messages.ts';

const event = activationCompletedExample;
const delivery = { endpoint: 'siem', attempt: 2, firstAt: 1_000, event };
const deadLetter = {
  endpoint: 'siem',
  eventId: event.id,
  reason: 'expired',
  attempts: 9,
  firstAt: 1,
  diedAt: 2,
  lastFailure: { httpStatus: 503 },
  event,
};
const busMessage = { version: '0', id: 'x', 'detail-type': event.type, source: event.source, detail: event };

test.each([
  ['an event of the bus', busMessage, { kind: 'event', event }],
  ['a delivery', delivery, { kind: 'delivery', delivery }],
  ['a dead letter', deadLetter, { kind: 'deadLetter', deadLetter }],
])('%s is what it is', (_name, message, expected) => {
  expect(readMessage(JSON.stringify(message))).toEqual(expected);
});

test('the event comes out with every field in its place, whatever it holds', () => {
  const odd =
    '{"z":1,"type":"t","a":{"__proto__":{"x":1},"é":"\\ud800"},"id":"1","specversion":"1.0","n":1e21}';
  const message = readMessage(`{"endpoint":"e","attempt":1,"firstAt":0,"event":${odd}}`);
  if (message?.kind !== 'delivery') return expect.unreachable();
  expect(JSON.stringify(message.delivery.event)).toBe(JSON.stringify(JSON.parse(odd)));
  expect(JSON.stringify(message.delivery.event)).toBe(odd.replace('1e21', '1e+21'));
});

describe('anything else is unreadable', () => {
  test.each([
    '',
    'null',
    '[]',
    '{',
    '"text"',
    JSON.stringify({ ...busMessage, detail: { ...event, id: '' } }),
    JSON.stringify({ ...busMessage, detail: JSON.stringify(event) }),
    JSON.stringify({ ...delivery, attempt: 0 }),
    JSON.stringify({ ...delivery, attempt: 1.5 }),
    JSON.stringify({ ...delivery, firstAt: 1e300 }),
    JSON.stringify({ ...delivery, endpoint: undefined }),
    JSON.stringify({ ...deadLetter, reason: 'tired' }),
  ])('%s', (body) => expect(readMessage(body)).toBeUndefined());

  test('what is too deep to be written again', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const deep = (levels: number) =>
      JSON.stringify(delivery).replace('"data":{', `"deep":${nested(levels)},"data":{`);
    expect(readMessage(deep(50))?.kind).toBe('delivery');
    expect(readMessage(deep(100_000))).toBeUndefined();
  });
});
