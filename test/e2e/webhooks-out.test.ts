import { once } from 'node:events';
import { createServer } from 'node:net';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Webhook } from 'standardwebhooks';
import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { startChat } from '../support/fakes/chat-receivers.ts';
import type { Receiver } from '../support/fakes/recording-receiver.ts';
import { startReceiver } from '../support/fakes/start-receiver.ts';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { startTestWorld, type TestWorld, until } from './world.ts';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const [OLD, NEW] = [secretOf(1), secretOf(2)];
const region = 'cn-beijing';
const seeds = ['fl-1', 'fl-2', 'fl-3'].map((flowLogId) => ({ region, flowLogId, pendingMs: 100 }));

const worldWith = (endpoints: Record<string, unknown>, env: Record<string, string> = {}) =>
  startTestWorld({
    fake: { seeds },
    env: { WEBHOOK_ENDPOINTS: JSON.stringify(endpoints), WEBHOOK_RETRY_BASE_MS: '100', ...env },
  });

async function activate(world: TestWorld, flowLogIds: string[]): Promise<void> {
  const { body } = await world.post({ flowLogIds });
  await world.untilDone(body.batchId);
}

const idsOf = ({ received }: Receiver, type: string) =>
  new Set(received.filter(({ eventType }) => eventType.includes(type)).map(({ eventId }) => eventId));

test('what happens to an activation is delivered, signed with every secret; who wants less gets less', async () => {
  const [all, some] = [await startReceiver(), await startReceiver()];
  const world = await worldWith({
    all: { url: `${all.url}/in?key=1`, secrets: [NEW, OLD] },
    some: { url: some.url, secrets: [OLD], types: ['flow-log-activation.completed'] },
  });
  await activate(world, ['fl-1', 'fl-2']);
  await until(
    () => [idsOf(all, '.submitted.').size, idsOf(all, 'activation.completed.').size, idsOf(some, '').size],
    (sizes) => sizes.every((size) => size === 2),
  );
  for (const { headers, body, path } of all.received) {
    expect(path).toBe('/in?key=1');
    expect(headers['content-type']).toBe('application/cloudevents+json');
    // Whoever knows only the old secret, or only the new one, can verify.
    for (const secret of [OLD, NEW]) {
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ source: 'flow-log-activator' });
    }
    expect(() => new Webhook(secretOf(3)).verify(body, headers)).toThrow('No matching signature');
  }
  expect(some.received.every(({ eventType }) => eventType === 'flow-log-activation.completed.v1')).toBe(true);
  const lines = JSON.stringify(world.logs);
  expect(lines).not.toContain(OLD.slice(6));
  expect(lines).not.toContain('/in?key=1');
});

test('a chat that asks for a signature is told of a failure, at the second try, and of what now', async () => {
  const secret = 'SEC0123456789abcdef';
  const answers = [{ body: '{"code":19021,"msg":"sign match fail"}' }];
  const chat = await startChat('feishu', { secret, answers });
  const types = ['flow-log-activation.failed'];
  const world = await worldWith({ oncall: { format: 'feishu', url: chat.url, secrets: [secret], types } });
  await activate(world, ['fl-nowhere']);
  // The first attempt is refused, as if the secret were wrong; the next one is taken.
  await until(
    () => chat.received.length,
    (count) => count === 2,
  );
  const said = JSON.stringify(chat.received[1]?.body);
  for (const told of [
    'fl-nowhere',
    'not-found',
    'default',
    region,
    'Check the id, the region and the account.',
  ]) {
    expect(said).toContain(told);
  }
  const delivered = () => world.logs.filter((line) => JSON.stringify(line).includes('webhook delivered'));
  await until(delivered, (lines) => lines.length === 1);
  expect(JSON.stringify(world.logs)).not.toContain('secret-token');
  expect(JSON.stringify(world.logs)).not.toContain(secret);
});

test('a receiver that fails, then is away, then is back gets everything, under the same ids', async () => {
  const failing = await startReceiver((response) => response.writeHead(500).end('no'));
  const world = await worldWith({
    flaky: { url: failing.url, secrets: [OLD], types: ['flow-log-activation'] },
  });
  await activate(world, ['fl-1', 'fl-2', 'fl-3']);
  await until(
    () => idsOf(failing, '').size,
    (size) => size > 0,
  );
  await failing.close();
  await world.untilLogged('webhook attempt failed', ({ fields }) => fields.code === 'ECONNREFUSED');

  const back = await startReceiver(undefined, failing.port);
  await until(
    () => idsOf(back, '').size,
    (size) => size === 6,
    60_000,
  );
  for (const early of failing.received) {
    const later = back.received.find(({ eventId }) => eventId === early.eventId);
    expect(later?.webhookId).toBe(early.webhookId);
    expect(later?.body.equals(early.body)).toBe(true);
    expect(later?.headers['webhook-signature']).toBeDefined();
  }
  const { received } = back;
  expect(received.map(({ body, headers }) => new Webhook(OLD).verify(body, headers))).toHaveLength(6);
});

test('gone is a dead letter; moved back to the queue it is delivered afresh', async () => {
  let isGone = true;
  const receiver = await startReceiver((response) =>
    response.writeHead(isGone ? 410 : 204).end(isGone ? 'closed down' : ''),
  );
  const world = await worldWith({
    old: { url: receiver.url, secrets: [OLD], types: ['flow-log-activation.completed'] },
  });
  await activate(world, ['fl-1']);
  const { otherQueues } = world.description;
  const deadLetter = await world.receive(otherQueues.WebhookDeadLetterQueue);
  expect(JSON.parse(deadLetter?.Body ?? '')).toMatchObject({
    endpoint: 'old',
    reason: 'gone',
    attempts: 1,
    lastFailure: { httpStatus: 410, excerpt: 'closed down' },
  });
  expect(deadLetter?.MessageAttributes?.endpoint?.StringValue).toBe('old');

  isGone = false;
  const send = (MessageBody: string | undefined) =>
    world.sqs.send(new SendMessageCommand({ QueueUrl: otherQueues.WebhookQueue, MessageBody }));
  await send(deadLetter?.Body);
  const [first, second] = await until(
    () => receiver.received,
    ({ length }) => length === 2,
  );
  expect(second?.webhookId).toBe(first?.webhookId);

  await send('{"odd": true}');
  expect((await world.receive(otherQueues.WebhookPoisonQueue))?.Body).toBe('{"odd": true}');
});

test('as deployed, no connection is made to this machine', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  const types = ['flow-log-activation.submitted'];
  const inside = { url: `https://localhost:${port}/`, secrets: [OLD], types };
  const world = await worldWith({ inside }, { WEBHOOK_EGRESS: 'public-https' });
  await activate(world, ['fl-1']);
  await world.untilLogged('webhook attempt failed');
  expect(connections).toBe(0);
});

test('as deployed, nothing starts with a URL of this machine, which is named', async () => {
  const started = worldWith(
    { literal: { url: 'https://127.1:1/', secrets: [OLD] } },
    { WEBHOOK_EGRESS: 'public-https' },
  );
  await expect(started).rejects.toThrow('literal.url must not have an address that is not public (loopback)');
});

test('docs/guides/webhooks-out.md, "Try it": every example, as it is written', async () => {
  const names = ['start', 'receiveOne'] as const;
  const { start, receiveOne } = await examplesOf('docs/guides/webhooks-out.md', 'Try it', names);
  const API = await startAsWritten(start);
  const { stdout } = await openTerminal({ API }).run(receiveOne);
  expect(stdout).toMatch(/^flow-log-activation\.completed\.v1 of fl-told \(msg_[0-9a-f]{32}\)$/m);
});
