import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { drawDelivery, signDelivery } from '../fixtures/webhooks/deliveries.ts';
import { FORGERIES } from '../fixtures/webhooks/forgeries.ts';
import { GITHUB_PAYLOADS, TERRAFORM_PAYLOADS } from '../fixtures/webhooks/payloads.ts';
import {
  GITHUB_SENDER,
  SENDERS,
  type Sender,
  STANDARD,
  sourcesFor,
  TERRAFORM_SENDER,
} from '../fixtures/webhooks/senders.ts';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { WebhookRequest } from '../support/fakes/webhook-receiver.ts';
import { sendRaw } from '../support/send-raw.ts';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { call, startTestWorld, type TestWorld, until } from './world.ts';

/** Sends what a test made, byte by byte and header by header. */
async function send(world: TestWorld, { source, headers = {}, body = '', event = {} }: WebhookRequest) {
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const target = `/webhooks/${encodeURIComponent(source)}${query}`;
  const cookie = event.cookies && { cookie: event.cookies.join('; ') };
  const all = { 'content-type': 'application/json', ...headers, ...cookie };
  const response = await sendRaw(world.apiUrl, { method: 'POST', target, headers: all, body }, 30_000);
  return { ...response, body: JSON.parse(response.text || '{}') };
}

async function deliver(world: TestWorld, sender: Sender, payload: unknown, id: string) {
  const body = Buffer.from(JSON.stringify(payload));
  return send(world, await signDelivery(sender, body, id, Date.now()));
}

/** Some hundred requests, on a machine that others may use. */
const BOUND_MS = 300_000;

const seeds = ['fl-1', 'fl-2', 'fl-3', 'fl-4'].flatMap((flowLogId) =>
  ['cn-beijing', 'cn-shanghai'].map((region) => ({ region, flowLogId, pendingMs: 100 })),
);
const listBody = v.object({
  activations: v.array(v.looseObject({ flowLogId: v.string(), source: v.string() })),
});
const listed = async (world: TestWorld) =>
  v.parse(listBody, (await call(`${world.apiUrl}/activations?limit=200`)).body).activations;

test('docs/guides/webhooks-in.md, "Try it": every example, as it is written', async () => {
  const names = ['start', 'ask', 'forge'] as const;
  const { start, ask, forge } = await examplesOf('docs/guides/webhooks-in.md', 'Try it', names);
  const API = await startAsWritten(start);
  const terminal = openTerminal({ API });
  const { stdout: asked } = await terminal.run(ask);
  expect(asked).toContain('HTTP/1.1 202 Accepted');
  const [, batchId] = /location: \/batches\/(\S+)/.exec(asked) ?? [];
  expect(await readFile(new URL('../../docs/guides/webhooks-in.md', import.meta.url), 'utf8')).toContain(
    `/batches/${batchId}`,
  );
  expect((await terminal.run(forge)).stdout).toContain('urn:flow-log-activator:problem:signature-refused');
  const url = `${API}/activations?batchId=${batchId}`;
  const { body } = await until(
    () => call(url),
    (answer) => JSON.stringify(answer.body).match(/"status":"completed"/g)?.length === 2,
  );
  expect(JSON.stringify(body)).toContain('"metadata":{"ticket":"OPS-42"}');
});

describe('webhooks, in the local world', { timeout: BOUND_MS }, () => {
  test('each sender starts activations that complete, a redelivery starts nothing twice, and equal ids of two senders are two', async () => {
    const world = await startTestWorld({ env: { WEBHOOK_SOURCES: sourcesFor() }, fake: { seeds } });
    const deliveries: [Sender, unknown][] = [
      [STANDARD, STANDARD.payload(['fl-1'])],
      [GITHUB_SENDER, GITHUB_PAYLOADS.repository_dispatch(['fl-2', 'fl-3'])],
      [TERRAFORM_SENDER, TERRAFORM_PAYLOADS.run(['fl-4'])],
    ];
    const taken = [];
    for (const [sender, payload] of deliveries) {
      const answer = await deliver(world, sender, payload, 'delivery-1');
      expect([sender.source, answer.status]).toEqual([sender.source, 202]);
      expect(answer.headers.location).toBe(`/batches/${answer.body.batchId}`);
      taken.push(answer.body);
    }
    expect(new Set(taken.map(({ batchId }) => batchId)).size).toBe(3);
    for (const { batchId } of taken) {
      await world.untilBatch(batchId, ({ done, total, counts }) => done && counts.completed === total);
    }
    const calls = await world.volcengineCalls('ActiveFlowLog');
    expect(calls.flatMap(({ flowLogIds }) => flowLogIds).sort()).toEqual(['fl-1', 'fl-2', 'fl-3', 'fl-4']);

    const again = [];
    for (const [sender, payload] of deliveries)
      again.push((await deliver(world, sender, payload, 'delivery-1')).body);
    const idsOf = (bodies: unknown[]) => JSON.stringify(bodies).match(/"activationId":"[^"]+"/g);
    expect(idsOf(again)).toEqual(idsOf(taken));
    expect((await listed(world)).map(({ source }) => source).sort()).toEqual([
      'webhook:github',
      'webhook:github',
      'webhook:pipeline',
      'webhook:terraform',
    ]);
    expect(await world.volcengineCalls('ActiveFlowLog')).toHaveLength(4);

    for (const [sender, payload] of [
      [GITHUB_SENDER, GITHUB_PAYLOADS.ping()],
      [TERRAFORM_SENDER, TERRAFORM_PAYLOADS.verification()],
      [STANDARD, { type: 'network.deleted' }],
    ] as const) {
      const { status, text: content } = await deliver(world, sender, payload, 'delivery-2');
      expect([sender.source, status, content]).toEqual([sender.source, 204, '']);
    }
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await call(`${world.apiUrl}/webhooks/github`, { method })).status).toBe(405);
    }
    expect(await listed(world)).toHaveLength(4);
  });

  test('forged webhooks over HTTP: refused, not a row written, while good ones are taken', async () => {
    const world = await startTestWorld({ env: { WEBHOOK_SOURCES: sourcesFor() } });
    const random = new SeededRandom(20_261_125);
    const first = await drawDelivery(random, Date.now());
    const good = [first];
    expect((await send(world, first)).status).toBe(202);
    const refusals = new Set<string>();
    const kinds = FORGERIES.filter(({ eventOnly }) => !eventOnly);
    for (const forgery of random.shuffled(kinds.flatMap((kind) => Array.from({ length: 8 }, () => kind)))) {
      const now = Date.now();
      const material = {
        random,
        now,
        good: await drawDelivery(random, now),
        other: random.pick(good) ?? first,
      };
      const made = await forgery.make(material);
      if (made === undefined) continue;
      const { status, text: content } = await send(world, made);
      expect([forgery.kind, status]).toEqual([forgery.kind, forgery.status]);
      if (status === 401) refusals.add(content);
      if (random.chance(0.1)) {
        good.push(material.good);
        expect((await send(world, material.good)).status).toBe(202);
      }
    }
    expect([...refusals]).toHaveLength(1);
    const asked = good.flatMap(({ body }) => body.toString().match(/fl-[0-9a-f]{16}/g));
    expect((await listed(world)).map(({ flowLogId }) => flowLogId).sort()).toEqual(asked.sort());

    const lines = world.logs.map((record) => JSON.stringify(record)).join('\n');
    expect(lines).toContain('webhook refused');
    for (const { secret } of SENDERS) expect(lines).not.toContain(secret);
    for (const { headers, sender } of good) expect(lines).not.toContain(headers[sender.signatureHeader]);
  });
});
