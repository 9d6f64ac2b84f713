import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { context } from '../../test/support/fakes/lambda.ts';
import { asContender } from '../harness/contender.ts';

const Config = v.object({
  bundle: v.string(),
  url: v.string(),
  pending: v.number(),
  pauseMs: v.number(),
  looks: v.number(),
  warmUp: v.number(),
  repeats: v.number(),
  emptyTicks: v.number(),
});

const MORE_LOOKS = 5;
const Unfinished = v.object({ count: v.number() });

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const Module = v.object({ handler: v.custom<Handler>((value) => typeof value === 'function') });

function meterOfCpu(): () => number {
  const from = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(from);
    return user + system;
  };
}

/** Processor time in µs: for an activation, and for a tick that finds nothing. */
asContender(Config, async ({ bundle, url, pending, pauseMs, looks, warmUp, repeats, emptyTicks }) => {
  const { handler } = v.parse(Module, await import(bundle));
  const tick = () => handler({}, context(58_000));
  const post = async (path: string, body: object = {}) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  /** All are Pending at each look but the last. */
  const endAll = async (): Promise<number> => {
    await post('/fill', { pending });
    await sleep(pauseMs);
    const stop = meterOfCpu();
    for (let look = 1; look < looks; look += 1) {
      await tick();
      await sleep(pauseMs);
    }
    await post('/become-active');
    let unfinished = pending;
    // On a busy machine a tick may end before it has described all.
    for (let look = 0; unfinished > 0 && look < MORE_LOOKS; look += 1) {
      if (look > 0) await sleep(pauseMs);
      await tick();
      unfinished = v.parse(Unfinished, await post('/unfinished')).count;
    }
    const cpuUs = stop();
    if (unfinished > 0) throw new Error(`${unfinished} of ${pending} are not finished`);
    return cpuUs / pending;
  };
  for (let round = 0; round < warmUp; round += 1) await endAll();
  const each: number[] = [];
  for (let round = 0; round < repeats; round += 1) each.push(await endAll());
  const stop = meterOfCpu();
  for (let count = 0; count < emptyTicks; count += 1) await tick();
  return { activationUs: each, emptyTickUs: stop() / emptyTicks };
});
