import { expect, onTestFinished, test } from 'vitest';
import { type Delivery, drawDelivery } from '../fixtures/webhooks/deliveries.ts';
import { FORGERIES } from '../fixtures/webhooks/forgeries.ts';
import { SENDERS, sourcesFor } from '../fixtures/webhooks/senders.ts';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import { createWebhookReceiver } from '../support/fakes/webhook-receiver.ts';
import { captureOutput } from './output.ts';

const SEED = 20_261_124;
const OF_EACH_KIND = 250;
const GOOD_ONE_IN = 8;

test('10,000 forged and replayed webhooks: refused, nothing written, while good ones are taken', async () => {
  const random = new SeededRandom(SEED);
  const receiver = createWebhookReceiver(sourcesFor());
  const output = captureOutput();
  onTestFinished(output.restore);
  const counts = new Map<string, Map<number | undefined, number>>();
  const count = (kind: string, status: number | undefined) => {
    const statuses = counts.get(kind) ?? new Map<number | undefined, number>();
    counts.set(kind, statuses.set(status, (statuses.get(status) ?? 0) + 1));
  };
  const answers401 = new Set<string>();
  const refusedBodies: string[] = [];
  const taken: Delivery[] = [];

  const takeGood = async () => {
    const good = await drawDelivery(random, receiver.clock.now);
    const before = receiver.store.writes.length;
    const { status } = await receiver.post({ ...good, base64: random.chance(0.5) });
    count('good, among them', status);
    expect(receiver.store.writes.length).toBeGreaterThan(before);
    taken.push(good);
  };
  await takeGood();

  const expectNoWrite = async (what: string, post: () => Promise<unknown>) => {
    const before = receiver.store.writes.length;
    await post();
    expect([what, receiver.store.writes.length]).toEqual([what, before]);
  };

  const plan = random.shuffled(
    FORGERIES.flatMap((forgery) => Array.from({ length: OF_EACH_KIND }, () => forgery)),
  );
  for (const [index, forgery] of plan.entries()) {
    if (index % GOOD_ONE_IN === 0) await takeGood();
    receiver.clock.now += random.integer(0, 2_000);
    const { now } = receiver.clock;
    const good = await drawDelivery(random, now);
    let made: Awaited<ReturnType<typeof forgery.make>>;
    while (made === undefined) {
      const other = random.pick(taken) ?? good;
      made = await forgery.make({ random, good, other, now });
    }
    const sent = { base64: random.chance(0.5), ...made };
    const enqueued = receiver.queue.enqueued.length;
    await expectNoWrite(forgery.kind, async () => {
      const { status, text = '', headers } = await receiver.post(sent);
      count(forgery.kind, status);
      expect([forgery.kind, status]).toEqual([forgery.kind, forgery.status]);
      if (status === 401) answers401.add(`${text} ${JSON.stringify(headers)}`);
      refusedBodies.push(text);
    });
    expect([forgery.kind, receiver.queue.enqueued.length]).toEqual([forgery.kind, enqueued]);
  }

  // Sent again as they were: those that bear a time are stale by now, the others start nothing a second time.
  receiver.clock.now += 5 * 60_000 + 2_000;
  for (const delivery of random.shuffled(taken)) {
    const isDated = delivery.headers['webhook-timestamp'] !== undefined;
    const kind = isDated ? 'replayed when it is stale' : 'replayed: the same answer, nothing started';
    await expectNoWrite(kind, async () => {
      const { status } = await receiver.post(delivery);
      count(kind, status);
      expect([kind, status]).toEqual([kind, isDated ? 401 : 202]);
    });
  }

  expect([...answers401]).toHaveLength(1);
  const everything = output.text() + JSON.stringify(receiver.log.lines) + refusedBodies.join('\n');
  expect(everything).toContain('webhook refused');
  for (const { secret } of SENDERS) expect(everything).not.toContain(secret);
  for (const { body, sender, headers } of taken.slice(0, 200)) {
    expect(everything).not.toContain(headers[sender.signatureHeader]);
    expect(everything).not.toContain(body.toString('base64').slice(0, 64));
  }

  output.restore();
  process.stderr.write(`${tableOf(counts)}\n`);
  const forged = [...counts].filter(([kind]) => !kind.startsWith('good'));
  const sum = (statuses: Map<unknown, number>) =>
    [...statuses.values()].reduce((total, number) => total + number, 0);
  expect(forged.map(([, statuses]) => sum(statuses)).filter((number) => number < 200)).toEqual([]);
  expect(forged.reduce((total, [, statuses]) => total + sum(statuses), 0)).toBeGreaterThanOrEqual(10_000);
  expect(receiver.metrics.counts.get('RefusedWebhooks')).toBe(
    forged.reduce((total, [, statuses]) => total + (statuses.get(401) ?? 0), 0),
  );
}, 300_000);

function tableOf(counts: Map<string, Map<number | undefined, number>>): string {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return rows
    .map(
      ([kind, statuses]) =>
        `${kind.padEnd(66)} ${[...statuses].map(([status, number]) => `${status}: ${number}`).join(', ')}`,
    )
    .join('\n');
}
