import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { activateFlowLog } from '../../../lib/activation/activate-flow-log.ts';
import type { ActivationJob, ActivationQueue } from '../../../lib/activation/model/message-ports.ts';
import type { ActivateOutcome, DescribeOutcome } from '../../../lib/activation/model/outcome.ts';
import type { FlowLogApi } from '../../../lib/activation/model/ports.ts';
import { createPoller } from '../../../lib/activation/poller/poll-activations.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import { aRequest, numberedIds } from '../../support/builders/activations.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { policy } from '../../support/fakes/activations.ts';
import { InMemoryQuotaStore, inMemoryQuota } from '../../support/fakes/in-memory-quota-store.ts';
import { SeededRandom } from '../../support/fakes/seeded-random.ts';

const LATENCY_MS = 50;
const PENDING_MS = 10_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Volcengine with its own quota: a bucket of `perSecond` calls, bursts of 10, for both actions together. */
class LimitedVolcengine implements FlowLogApi {
  calls = 0;
  throttled = 0;
  readonly activations = new Map<string, number>();
  readonly pendingSince = new Map<string, number>();
  readonly #perSecond: number;
  #tokens = 10;
  #refilledAt = Date.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  async activeFlowLog({ flowLog }: Parameters<FlowLogApi['activeFlowLog']>[0]): Promise<ActivateOutcome> {
    const { flowLogId } = flowLog;
    this.activations.set(flowLogId, (this.activations.get(flowLogId) ?? 0) + 1);
    if (!(await this.#admit())) return this.#refusal();
    this.pendingSince.set(flowLogId, Date.now());
    return { kind: 'accepted', requestId: `req-${this.calls}` };
  }

  async deactiveFlowLog(): Promise<never> {
    throw new Error('nobody asks for it');
  }

  async describeFlowLogs(_scope: unknown, flowLogIds: string[]): Promise<DescribeOutcome> {
    if (!(await this.#admit())) return this.#refusal();
    const views = flowLogIds.map((flowLogId) => {
      const since = this.pendingSince.get(flowLogId) ?? Number.POSITIVE_INFINITY;
      return { flowLogId, status: Date.now() - since >= PENDING_MS ? 'Active' : 'Pending', locked: false };
    });
    return { kind: 'described', flowLogs: new Map(views.map((view) => [view.flowLogId, view])) };
  }

  async #admit(): Promise<boolean> {
    await sleep(LATENCY_MS);
    this.calls += 1;
    const refilled = ((Date.now() - this.#refilledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(10, this.#tokens + refilled);
    this.#refilledAt = Date.now();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #refusal() {
    this.throttled += 1;
    const error = { code: 'AccountFlowLimitExceeded', message: 'slow down', httpStatus: 429 };
    return { kind: 'throttled' as const, error };
  }
}

/** A queue with delays. It delivers up to ten jobs at once. */
class DelayingQueue implements ActivationQueue {
  #jobs: { job: ActivationJob; at: number }[] = [];

  async enqueue(jobs: { job: ActivationJob; delayMs: number }[]) {
    this.#jobs.push(...jobs.map(({ job, delayMs }) => ({ job, at: Date.now() + delayMs })));
    return { failed: 0 };
  }
  take(): ActivationJob[] {
    const visible = this.#jobs.filter(({ at }) => at <= Date.now()).slice(0, 10);
    this.#jobs = this.#jobs.filter((entry) => !visible.includes(entry));
    return visible.map(({ job }) => job);
  }
  async poison() {
    throw new Error('nothing here is poison');
  }
}

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 2) }));
afterEach(() => vi.useRealTimers());

test.each([
  ['set rightly', 4, 0.05],
  ['wrongly set five times too high', 20, 0.25],
])('400 flow logs, 4 calls per second, our rate %s: all complete', async (_what, ratePerSecond, share) => {
  const volcengine = new LimitedVolcengine(4);
  const queue = new DelayingQueue();
  const quotas = new InMemoryQuotaStore();
  const quotaOfContainer = () => {
    const quota = inMemoryQuota({ ratePerSecond, now: Date.now, sleep }, quotas);
    return { limiter: quota, turns: quota };
  };
  // A fixed seed, so that the shares below are reproducible.
  const { next: random } = new SeededRandom(1);
  const clocked = { now: Date.now, random, policy: { ...policy, ratePerSecond } };
  const deps = { ...inMemoryDeps(), ...clocked, ...quotaOfContainer(), queue, api: volcengine };
  const { store } = deps;
  await requestActivations(deps, aRequest(numberedIds(400)));

  let running = true;
  const worker = async (container: number) => {
    const newLeaseId = () => `${container}-${deps.newLeaseId()}`;
    const workerDeps = { ...deps, ...quotaOfContainer(), newLeaseId };
    while (running) {
      const jobs = queue.take();
      await Promise.all(jobs.map((job) => activateFlowLog(workerDeps, job, 15_000)));
      if (jobs.length === 0) await sleep(100);
    }
  };
  const poll = async () => {
    const poller = createPoller({ ...deps, ...quotaOfContainer() });
    while (running) {
      await poller.tick(Date.now() + 50_000);
      await sleep(policy.tickMs);
    }
  };
  const all = Promise.all([worker(1), worker(2), poll()]);
  const isDone = () => [...store.current.values()].every(({ status }) => status === 'completed');
  for (let second = 0; second < 1_800 && !isDone(); second += 1) await vi.advanceTimersByTimeAsync(1_000);
  running = false;
  await vi.advanceTimersByTimeAsync(60_000);
  await all;

  expect(isDone()).toBe(true);
  expect(volcengine.throttled / volcengine.calls).toBeLessThanOrEqual(share);
  // Each attempt is a call, and each call is an attempt.
  const attempts = [...store.current.values()].map((one) => [one.flowLogId, one.attempts] as const);
  expect(new Map(attempts)).toEqual(volcengine.activations);
  console.log(
    `limit 4/s, ours ${ratePerSecond}/s: ${volcengine.throttled} of ${volcengine.calls} calls got 429`,
  );
});
