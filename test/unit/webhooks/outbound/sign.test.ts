import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { parseSecret, signedHeaders, webhookIdOf } from '../../../../lib/webhooks/outbound/sign.ts';

const secretOf = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString('base64')}`;
const secretBytes = fc.uint8Array({ minLength: 24, maxLength: 64 });

describe('the signature', () => {
  test('is one that the senders library of Standard Webhooks verifies, by each of several secrets', () => {
    fc.assert(
      fc.property(
        fc.array(secretBytes, { minLength: 1, maxLength: 3 }),
        fc.string({ unit: 'binary' }),
        (all, eventId) => {
          const body = JSON.stringify({ id: eventId });
          const keys = all.map((bytes) => parseSecret(secretOf(bytes)));
          const headers = signedHeaders(keys, { webhookId: webhookIdOf(eventId), at: Date.now(), body });
          expect(headers['webhook-signature']?.split(' ')).toHaveLength(all.length);
          for (const bytes of all) {
            expect(new Webhook(secretOf(bytes)).verify(body, headers)).toEqual(JSON.parse(body));
          }
        },
      ),
      // Their SHA-256 is plain JavaScript.
      { numRuns: 30 },
    );
  }, 60_000);

  test.each([
    ['another secret', {}, Buffer.alloc(24, 9)],
    ['another body', { body: '{"a":2}' }, Buffer.alloc(24, 1)],
    ['another id', { 'webhook-id': 'msg_2' }, Buffer.alloc(24, 1)],
    ['another time', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }, Buffer.alloc(24, 1)],
  ])('is not that of %s', (_name, { body = '{"a":1}', ...change }: Record<string, string>, bytes) => {
    const key = parseSecret(secretOf(Buffer.alloc(24, 1)));
    const headers = signedHeaders([key], { webhookId: 'msg_1', at: Date.now(), body: '{"a":1}' });
    expect(() => new Webhook(secretOf(bytes)).verify(body, { ...headers, ...change })).toThrow(/signature/);
  });

  test('is that of the example of the specification', () => {
    const key = parseSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signedHeaders([key], {
      webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: 1_614_265_330_999,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});

test('the id is the same for the same event, another for another, and has no full stop', () => {
  expect(webhookIdOf('a.b.1')).toBe(webhookIdOf('a.b.1'));
  expect(webhookIdOf('a.b.1')).not.toBe(webhookIdOf('a_b_1'));
  expect(webhookIdOf('a.b.1')).toMatch(/^msg_[0-9a-f]{32}$/);
});

test.each([
  ['no prefix', Buffer.alloc(24).toString('base64')],
  ['23 bytes', secretOf(Buffer.alloc(23))],
  ['65 bytes', secretOf(Buffer.alloc(65))],
  ['not base64', `whsec_${'*'.repeat(32)}`],
  ['base64url', `whsec_${Buffer.alloc(24, 255).toString('base64url')}`],
  ['a bit too many', `whsec_${'A'.repeat(33)}B==`],
  ['a line end', `${secretOf(Buffer.alloc(24))}\n`],
  ['the prefix alone', 'whsec_'],
])('a secret with %s is refused, and not repeated', (_name, secret) => {
  expect(() => parseSecret(secret)).toThrow(/^must be whsec_ and the base64 of 24 to 64 bytes$/);
});
