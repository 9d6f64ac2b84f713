import { expect, test } from 'vitest';
import { quantile } from '../../bench/harness/statistics.ts';
import { SPOILERS } from '../support/fakes/receiver-spoilers.ts';
import { startReceiver } from '../support/fakes/start-receiver.ts';
import { CONTAINERS, TIMEOUT_MS, timesToHealthy } from '../support/fakes/webhook-senders.ts';

const EVENTS = 200;
/**
 * Attempts that a container loses to an endpoint before it leaves it alone (the fifth failure in a row, and three that
 * are under way by then: functions/wiring/webhook-endpoints.ts), and a few probes.
 */
const LOST = 8 + 4;

function describeTimes(name: string, times: number[]): string {
  const quantiles = [0, 0.5, 0.9, 0.99, 1].map((share) => `${quantile(times, share)}`.padStart(6));
  return `${name.padEnd(52)} min, p50, p90, p99, max in ms: ${quantiles.join(' ')}`;
}

/** Prints what it measured with `--reporter=default --silent=false`. */
test('no endpoint delays another, whatever it does', { timeout: 300_000 }, async () => {
  const alone = await timesToHealthy(EVENTS, { healthy: await startReceiver() });
  const among = await timesToHealthy(EVENTS, {
    second: await startReceiver(),
    healthy: await startReceiver(),
  });
  const beside = new Map<string, { times: number[]; attempts: number }>();
  for (const [name, respond] of Object.entries(SPOILERS)) {
    const spoiler = await startReceiver(respond);
    const times = await timesToHealthy(EVENTS, { spoiler, healthy: await startReceiver() });
    beside.set(name, { times, attempts: spoiler.received.length });
  }
  const six = await Promise.all(Array.from({ length: 6 }, () => startReceiver(SPOILERS.hangs)));
  const besideSix = await timesToHealthy(EVENTS, {
    ...Object.fromEntries(six.map((receiver, index) => [`hangs-${index}`, receiver])),
    healthy: await startReceiver(),
  });
  console.log(
    [
      `${EVENTS} events to a healthy endpoint`,
      describeTimes('alone', alone),
      describeTimes('beside one that is well', among),
      describeTimes('beside six that hang', besideSix),
      ...[...beside].map(
        ([name, { times, attempts }]) =>
          `${describeTimes(`beside one that ${name}`, times)}, after ${attempts} attempts there`,
      ),
    ].join('\n'),
  );

  // The sum, and not each for itself: a container first meets them in two batches at most, as a rule.
  expect(quantile(besideSix, 0.5)).toBeLessThanOrEqual(2 * TIMEOUT_MS + 3 * quantile(among, 0.5));
  for (const { received } of six) expect(received.length).toBeLessThanOrEqual(CONTAINERS * LOST);
  for (const [name, { times, attempts }] of beside) {
    // What is settled by its status costs nobody anything, and is delivered.
    const isSettled = name.startsWith('answers 200');
    expect(attempts, name).toBeGreaterThan(0);
    // Without the gates it would be every event, again and again.
    if (!isSettled) expect(attempts, name).toBeLessThanOrEqual(CONTAINERS * LOST);
    // What an attempt may take is lost once, when a container first meets the one that hangs. The rest is for a machine
    // that is busy with other things, more at one time than at another.
    expect(quantile(times, 0.5), name).toBeLessThanOrEqual(2 * TIMEOUT_MS + 3 * quantile(among, 0.5));
    expect(quantile(times, 1), name).toBeLessThanOrEqual(2 * TIMEOUT_MS + 3 * quantile(among, 1));
  }
});
