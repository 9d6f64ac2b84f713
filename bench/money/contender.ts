// First: the logger is built before the virtual world silences it.
import { counters, log } from '../../lib/runtime/telemetry.ts';
import { asContender } from '../harness/contender.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { activateAll, type Environment, letPollerTick, startWorld } from '../virtual/environment.ts';
import { createCapacityMeter } from './capacity.ts';
import { written } from './count-output.ts';
import { pendingTimes } from './pending-times.ts';
import { type Usage, UsageConfig } from './usage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

asContender(UsageConfig, async (config): Promise<Usage> => {
  const flowLogs = pendingTimes(config).map((pendingMs, index) => ({
    flowLogId: flowLogIdOf(index),
    pendingMs,
  }));
  const { meter, capacity } = createCapacityMeter();
  const telemetry = { log, metrics: counters };
  const world = startWorld({ flowLogs, ratePerSecond: config.ratePerSecond, observer: meter, telemetry });
  await letPollerTick(world, 0);
  const from = {
    at: world.time.now,
    reads: capacity().readUnits,
    sqs: world.counts.sqs.total,
    ...written,
  };
  const virtualMs = await activateAll(
    world,
    flowLogs.map(({ flowLogId }) => flowLogId),
  );
  // The poller ticks for a while longer. An hour without flow logs is an idle one.
  await world.time.runFor(world.time.sleep(flowLogs.length > 0 ? MINUTE_MS : HOUR_MS));
  const used = capacity();
  return {
    activations: config.flowLogs,
    virtualMs,
    invocations: invocationsSince(world, from.at),
    capacity: { ...used, readUnits: used.readUnits - from.reads },
    sqsRequests: world.counts.sqs.total - from.sqs,
    events: world.events.all,
    logs: { lines: written.lines - from.lines, bytes: written.bytes - from.bytes },
    volcengineCalls: world.counts.volcengine.total,
    waitsMs: [...world.activeAt].map(
      ([flowLogId, at]) => (world.events.completedAt.get(flowLogId) ?? Number.NaN) - at,
    ),
  };
});

function invocationsSince({ invocations }: Environment, startedAt: number): Usage['invocations'] {
  const usage: Usage['invocations'] = {};
  for (const invocation of invocations) {
    if (invocation.startedAt < startedAt) continue;
    const known = usage[invocation.name] ?? { count: 0, virtualMs: 0 };
    const virtualMs = known.virtualMs + invocation.endedAt - invocation.startedAt;
    usage[invocation.name] = { count: known.count + 1, virtualMs };
  }
  return usage;
}
