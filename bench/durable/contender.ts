import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { policyOf, policySettings } from '../../functions/wiring/workflow.ts';
import type { FlowLogApi, RateLimiter } from '../../lib/activation/model/ports.ts';
import { FRESH, grantTokens } from '../../lib/activation/quota/quota-state.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import { DEFAULT_CREDENTIAL, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { asContender } from '../harness/contender.ts';
import { pendingTimes } from '../money/pending-times.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { activateFlowLog } from './activate-flow-log.ts';
import { activateRequest } from './activate-request.ts';
import { DurableConfig, type DurableUsage } from './durable-usage.ts';
import type { Durable, Ending, Services } from './function-parts.ts';
import { type Metered, metered } from './metered.ts';
import { Timeline } from './timeline.ts';
import { VirtualExecution } from './virtual-context.ts';

const SCOPE = { account: DEFAULT_CREDENTIAL.account, region: 'cn-beijing' };
/** As in the virtual world of the others. */
const VOLCENGINE_MS = 50;
const AWS_MS = 5;
const EVENTS_A_CALL = 10;
/** Of one of them, in 1 start, 1 call and about 3 looks: they are started as fast as the account's rate allows. */
const CALLS_OF_ONE = 4.25;
/** The test runner turns the clock of this process forward by minutes. */
const NEVER_MS = 2 ** 31 - 1;

asContender(DurableConfig, async (config): Promise<DurableUsage> => {
  const timeline = new Timeline();
  const { now, sleep } = timeline;
  const seeds = pendingTimes(config).map((pendingMs, index) => ({
    region: SCOPE.region,
    flowLogId: flowLogIdOf(index),
    pendingMs,
  }));
  const fake = await startFakeVolcengine({ now, seeds });
  const { api, close } = flowLogApiOf(timeline, fake.url);
  const toldAt = new Map<string, number>();
  const services: Services = {
    api,
    limiter: exactLimiter(timeline, config.ratePerSecond),
    policy: policyOf(readSettings(policySettings, {})),
    random: new SeededRandom(config.seed).next,
    async publish(endings: Ending[]) {
      await sleep(AWS_MS * Math.ceil(endings.length / EVENTS_A_CALL));
      for (const { flowLogId, reason } of endings) {
        if (reason !== undefined) throw new Error(`${flowLogId} failed: ${reason}`);
        if (!toldAt.has(flowLogId)) toldAt.set(flowLogId, now());
      }
    },
  };
  const flowLogIds = seeds.map(({ flowLogId }) => flowLogId);
  const request = { ...SCOPE, requestId: 'request-1' };
  const startedAt = now();
  await skipTime();
  timeline.enter();
  const runs =
    config.variant === 'request'
      ? [
          execute(timeline, 0, { ...request, flowLogIds }, (context, input) =>
            activateRequest(context, input, services),
          ),
        ]
      : flowLogIds.map((flowLogId, index) =>
          execute(
            timeline,
            (index * CALLS_OF_ONE * 1_000) / config.ratePerSecond,
            { ...request, flowLogId },
            (context, input) => activateFlowLog(context, input, services),
          ),
        );
  timeline.leave();
  const executed = await Promise.all(runs);
  await LocalDurableTestRunner.teardownTestEnvironment();
  const waitsMs = fake.flowLogs().map(({ flowLogId, activeAt = Number.NaN }) => {
    return (toldAt.get(flowLogId) ?? Number.NaN) - activeAt;
  });
  const refused = fake.calls().find(({ code }) => code !== undefined);
  if (refused !== undefined) throw new Error(`${refused.action}: ${refused.code}`);
  const volcengineCalls = fake.calls().at(-1)?.seq ?? 0;
  await close();
  await fake.close();
  const sum = (of: (one: Metered & { billedMs: number }) => number) =>
    executed.reduce((total, one) => total + of(one), 0);
  return {
    activations: flowLogIds.length,
    executions: executed.length,
    operations: sum(({ operations }) => operations),
    invocations: sum(({ suspensions }) => 1 + suspensions),
    billedMs: sum(({ billedMs }) => billedMs),
    bytes: sum(({ bytes }) => bytes),
    volcengineCalls,
    virtualMs: Math.max(...toldAt.values()) - startedAt,
    waitsMs,
  };
});

/** One limit for all executions: it takes no time and costs nothing. */
function exactLimiter({ now, sleep }: Timeline, ratePerSecond: number): RateLimiter {
  let quota = FRESH;
  const acquire = async (_account: string, maxWaitMs: number) => {
    const { state, grants } = grantTokens(quota, [{ maxWaitMs }], now(), ratePerSecond);
    quota = state;
    const { granted = false, waitMs = 0 } = grants[0] ?? {};
    if (!granted) return waitMs;
    if (waitMs > 0) await sleep(waitMs);
    return 0;
  };
  return {
    acquire,
    acquireOrTurn: acquire,
    release() {},
    async throttled() {},
  };
}

/** The runner's clock also replaces what is no time at all; with it, I/O would wait for the clock's next 20 ms. */
async function skipTime(): Promise<void> {
  const { setImmediate, queueMicrotask } = globalThis;
  const { nextTick } = process;
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
  Object.assign(globalThis, { setImmediate, queueMicrotask });
  process.nextTick = nextTick;
}

/** Starts one execution after so long, and runs it to its end in AWS's own test runner. */
async function execute<Input>(
  timeline: Timeline,
  afterMs: number,
  input: Input,
  run: (context: Durable, input: Input) => Promise<unknown>,
): Promise<Metered & { billedMs: number }> {
  timeline.enter();
  await timeline.sleep(afterMs);
  const execution = new VirtualExecution(timeline);
  const handler = withDurableExecution((event: Input, context: DurableContext) =>
    run(execution.context(context), event),
  );
  const runner = new LocalDurableTestRunner({
    async handlerFunction(event, context) {
      const output = await handler(event, context);
      // The runner takes a tenth of a second more to end.
      if (output.Status !== 'PENDING') timeline.leave();
      return output;
    },
  });
  const result = await runner.run({ payload: input });
  if (result.getStatus() !== 'SUCCEEDED') throw new Error(JSON.stringify(result.getError()));
  return { ...metered(result.getHistoryEvents()), billedMs: execution.billedMs };
}

function flowLogApiOf(
  { now, sleep }: Timeline,
  endpoint: string,
): { api: FlowLogApi; close(): Promise<void> } {
  const transport = createTransport({ endpoint, timeoutMs: NEVER_MS, connectTimeoutMs: NEVER_MS });
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = DEFAULT_CREDENTIAL;
  const api = createFlowLogApi({
    clock: now,
    credentials: async () => ({ accessKeyId, secretAccessKey }),
    transport: {
      ...transport,
      async get(request) {
        await sleep(VOLCENGINE_MS);
        return transport.get(request);
      },
    },
  });
  return { api, close: () => transport.close() };
}
