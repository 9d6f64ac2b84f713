import { expect, test } from 'vitest';
import { signDelivery } from '../../../fixtures/webhooks/deliveries.ts';
import { GITHUB_SENDER, STANDARD } from '../../../fixtures/webhooks/senders.ts';
import { createWebhookReceiver } from '../../../support/fakes/webhook-receiver.ts';

const OLD = 'the old secret, long enough';
const NEW = 'the new secret, long enough';
const FORGED = 'a forged secret, long enough';

/** A GitHub source whose secrets are stored, with a log of when they were read. */
function start(secrets: unknown[] = [{ secretId: 'stored' }]) {
  const reads: string[] = [];
  const stored: { value: readonly string[] | Error } = { value: [OLD] };
  const receiver = createWebhookReceiver(
    JSON.stringify({ github: { ...GITHUB_SENDER.options, secrets } }),
    async (secretId) => {
      reads.push(secretId);
      if (stored.value instanceof Error) throw stored.value;
      return stored.value;
    },
  );
  let deliveries = 0;
  const post = async (secret: string) => {
    const body = Buffer.from(JSON.stringify(GITHUB_SENDER.payload([`fl-${++deliveries}`])));
    const delivery = await signDelivery(GITHUB_SENDER, body, `id-${deliveries}`, receiver.clock.now, secret);
    return receiver.post(delivery);
  };
  /** The status that a delivery with this signature gets. */
  const send = async (secret: string) => (await post(secret)).status;
  const pass = (ms: number) => {
    receiver.clock.now += ms;
  };
  return { receiver, reads, stored, post, send, pass };
}

test('read when first needed, and kept', async () => {
  const { send, reads } = start();
  expect(await send(OLD)).toBe(202);
  expect(await send(OLD)).toBe(202);
  expect(reads).toEqual(['stored']);
});

test('a request that no secret could make right costs no reading', async () => {
  const { receiver, reads } = start();
  expect((await receiver.post({ source: 'github', body: '{}' })).status).toBe(401);
  expect(reads).toEqual([]);
});

test('a new secret is found by the first delivery that is signed with it', async () => {
  const { send, reads, stored, pass } = start();
  await send(OLD);
  stored.value = [NEW, OLD];
  pass(60_000);
  expect(await send(NEW)).toBe(202);
  expect(await send(OLD)).toBe(202);
  expect(reads).toEqual(['stored', 'stored']);
});

test('a flood of forged signatures reads a secret once a minute', async () => {
  const { send, reads, pass } = start();
  for (let second = 0; second < 180; second += 1) {
    expect(await send(FORGED)).toBe(401);
    pass(1_000);
  }
  expect(reads).toHaveLength(3);
});

test('a flood at once shares one reading', async () => {
  const { send, reads, pass } = start();
  await send(OLD);
  pass(60_000);
  const responses = await Promise.all(Array.from({ length: 50 }, () => send(FORGED)));
  expect(responses).toEqual(Array(50).fill(401));
  expect(reads).toEqual(['stored', 'stored']);
});

test('503 to whoever it is while the secret cannot be read, and no flood of readings', async () => {
  const { post, send, reads, stored, pass, receiver } = start();
  stored.value = new Error('no permission');
  const refused = await post(OLD);
  expect([refused.status, refused.body.type, refused.headers?.['retry-after']]).toEqual([
    503,
    'urn:flow-log-activator:problem:secrets-unavailable',
    '10',
  ]);
  const forged = await post(FORGED);
  expect([forged.status, forged.text, forged.headers]).toEqual([503, refused.text, refused.headers]);
  expect(reads).toHaveLength(1);
  expect(receiver.store.writes).toEqual([]);
  expect(receiver.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);

  pass(10_000);
  stored.value = [OLD];
  expect(await send(OLD)).toBe(202);
});

test('what is known goes on being good while it cannot be read again', async () => {
  const { send, stored, pass } = start();
  await send(OLD);
  stored.value = new Error('not now');
  pass(60_000);
  expect(await send(FORGED)).toBe(401);
  expect(await send(OLD)).toBe(202);
});

test.each(['ResourceNotFoundException', 'InvalidRequestException', 'AccessDeniedException'])(
  'a secret that is gone (%s) verifies no longer than five minutes',
  async (name) => {
    const { send, stored, pass } = start();
    await send(OLD);
    stored.value = Object.assign(new Error('gone'), { name });
    pass(300_000);
    expect(await send(OLD)).toBe(503);
    expect(await send(FORGED)).toBe(503);
  },
);

test('a secret that cannot be reached verifies for 15 minutes after it was read', async () => {
  const { send, stored, pass } = start();
  await send(OLD);
  stored.value = new Error('not now');
  pass(899_999);
  expect(await send(OLD)).toBe(202);
  pass(1);
  expect(await send(OLD)).toBe(503);
});

test('a secret that was removed is refused after five minutes, also when nothing forged comes', async () => {
  const { send, reads, stored, pass } = start();
  await send(OLD);
  stored.value = [NEW];
  pass(299_999);
  expect(await send(OLD)).toBe(202);
  pass(1);
  expect(await send(OLD)).toBe(401);
  expect(await send(NEW)).toBe(202);
  expect(reads).toHaveLength(2);
});

test('one secret that cannot be read does not spoil the others', async () => {
  const { send, stored } = start([OLD, { secretId: 'stored' }]);
  stored.value = new Error('not now');
  expect(await send(OLD)).toBe(202);
  expect(await send(NEW)).toBe(503);
});

test('a stored secret that is too weak is not used', async () => {
  const { send, stored, receiver } = start();
  stored.value = ['short'];
  expect(await send('short')).toBe(503);
  expect(JSON.stringify(receiver.log.lines)).not.toContain('short"');
});

test('two sources may share a stored secret that only one of them can use', async () => {
  const secrets = [{ secretId: 'stored' }];
  const sources = {
    github: { ...GITHUB_SENDER.options, secrets },
    pipeline: { ...STANDARD.options, secrets },
  };
  const receiver = createWebhookReceiver(JSON.stringify(sources), async () => [OLD]);
  const body = Buffer.from('{}');
  const sign = (sender: typeof STANDARD, secret: string) =>
    signDelivery(sender, body, 'id-1', receiver.clock.now, secret);
  expect((await receiver.post(await sign(GITHUB_SENDER, OLD))).status).toBe(422);
  expect((await receiver.post(await sign(STANDARD, STANDARD.secret))).status).toBe(503);
});

test('secrets in the list of the configuration are tried all', async () => {
  const { send } = start([NEW, OLD]);
  expect([await send(OLD), await send(NEW)]).toEqual([202, 202]);
});
