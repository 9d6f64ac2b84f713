import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { CONSOLE_DIR } from '../../scripts/osls.ts';
import { alarmDefinitions } from '../alarms/alarm-definitions.ts';
import { MetricSamples } from '../alarms/metric-samples.ts';
import { watchAlarms } from '../alarms/watch-alarms.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { createHttpApi } from '../http-api/http-api.ts';
import { type LogRecord, type LogSink, sourceLog } from '../logs/log-record.ts';
import { parseOutputLine } from '../logs/parse-output-line.ts';
import { drainServer, listenOnLoopback } from '../loopback-server.ts';
import { ORPHAN_END_MS, type Service } from '../supervisor/child-side.ts';
import type { FunctionsConfig } from '../supervisor/messages.ts';
import { eventSourceMappingDefinitions } from '../template/event-source-mappings.ts';
import { type FunctionDefinition, functionDefinitions } from '../template/functions.ts';
import type { Scope } from '../template/intrinsics.ts';
import { routeDefinitions } from '../template/routes.ts';
import { ruleDefinitions, targetFunctionName } from '../template/rules.ts';
import { bundlePath } from './bundle-path.ts';
import { describeWorld } from './describe-world.ts';
import { runEventSourceMapping } from './event-source-mapping.ts';
import { functionEnvironment } from './function-environment.ts';
import { LambdaFunction } from './lambda-function.ts';
import { runAsyncQueue } from './run-async-queue.ts';
import { runSchedule } from './run-schedule.ts';

/** A metric that is counted twice in an invocation is a list. */
const MetricFields = v.record(v.string(), v.union([v.number(), v.array(v.number())]));

/** The time for running batches and requests to end. The next start repeats work that takes longer. */
const DRAIN_MS = 700;

/** Runs every function of the template behind everything that invokes it. */
export async function startFunctions(config: FunctionsConfig, sink: LogSink): Promise<Service> {
  const { template, stack, settings, cloud } = config;
  // Then the port is free, too.
  await lockDataDir(settings.dataDir, 'functions', ORPHAN_END_MS);
  const scope: Scope = { ...stack, resources: new Map(cloud.resources) };
  const definitions = functionDefinitions(template, scope);
  const samples = new MetricSamples();
  const functions = new Map(
    definitions.map((definition) => [
      definition.functionName,
      createFunction(definition, config, sink, samples),
    ]),
  );
  const named = (functionName: string): LambdaFunction => {
    const found = functions.get(functionName);
    if (!found) throw new Error(`${functionName}: no such function in the template`);
    return found;
  };

  const stopping = new AbortController();
  const log = sourceLog(sink, 'functions');
  const routes = routeDefinitions(template, scope);
  for (const { functionName } of routes) named(functionName);
  const description = describeWorld(cloud, definitions);
  const { accountId } = stack;
  const { signal } = stopping;
  const hasFake = settings.external.volcengine === undefined;
  const hasBus = settings.external.eventbridge === undefined;
  const alarms = watchAlarms({
    definitions: alarmDefinitions(template, scope),
    samples,
    ...(settings.external.sqs === undefined && { sqsUrl: cloud.endpoints.sqs }),
    speed: settings.speed,
    log,
    signal,
  });
  const apiId = scope.resources.get('HttpApi')?.ref ?? '';
  const server = createHttpApi({
    routes,
    functions,
    accountId,
    description,
    page: {
      directory: CONSOLE_DIR,
      about: { service: 'local world', isLocal: true, hasFake, hasBus },
    },
    ...(hasFake && { fakeUrl: cloud.endpoints.volcengine }),
    ...(hasBus && { busUrl: cloud.endpoints.eventbridge }),
    alarms,
    onServerError: () => samples.add({ namespace: 'AWS/ApiGateway', name: '5xx', dimension: apiId }, 1),
    log,
    signal,
  });
  const port = await listenOnLoopback(server, settings.port).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(
      `port ${settings.port} is in use. Set PORT to another one, or to 0 for any that is free.`,
    );
  });

  const sqs = new SQSClient({ ...settings.aws, endpoint: cloud.endpoints.sqs });
  const sources = [
    ...eventSourceMappingDefinitions(template, scope).map((mapping) =>
      runEventSourceMapping({ sqs, mapping, lambda: named(mapping.functionName), log }, stopping.signal),
    ),
    ...cloud.asyncQueues.map(({ functionName, queueUrl }) =>
      runAsyncQueue({ sqs, queueUrl, lambda: named(functionName), log }, stopping.signal),
    ),
    ...ruleDefinitions(template, scope).flatMap((rule) => {
      if (rule.kind !== 'schedule' || !rule.enabled) return [];
      return rule.targets.map((target) => {
        const lambda = named(targetFunctionName(target) ?? target.arn);
        const { expression, arn: ruleArn } = rule;
        return runSchedule({ expression, ruleArn, target, stack, lambda, log }, stopping.signal);
      });
    }),
  ];

  return {
    ready: { port, description },
    async stop() {
      stopping.abort();
      const drained = Promise.all([Promise.allSettled(sources), drainServer(server)]);
      await Promise.race([drained, sleep(DRAIN_MS)]);
      await Promise.all([...functions.values()].map((lambda) => lambda.close()));
      server.closeAllConnections();
    },
  };
}

function createFunction(
  definition: FunctionDefinition,
  config: FunctionsConfig,
  sink: LogSink,
  samples: MetricSamples,
): LambdaFunction {
  const { POWERTOOLS_METRICS_NAMESPACE = '', POWERTOOLS_SERVICE_NAME = '' } = definition.environment;
  const ours = { namespace: POWERTOOLS_METRICS_NAMESPACE, dimension: POWERTOOLS_SERVICE_NAME };
  const keepMetrics = ({ level, fields }: LogRecord): void => {
    if (level !== 'METRIC') return;
    for (const [name, value] of Object.entries(v.parse(MetricFields, fields))) {
      for (const each of [value].flat()) samples.add({ ...ours, name }, each);
    }
  };
  return new LambdaFunction({
    definition,
    bundlePath: bundlePath(config.codeDir, definition.handler),
    environment: functionEnvironment(definition, config),
    log: sourceLog(sink, definition.key),
    speed: config.settings.speed,
    count: (name) => samples.add({ namespace: 'AWS/Lambda', name, dimension: definition.functionName }, 1),
    onLine: (line) => {
      const record = parseOutputLine(line, definition.key, new Date().toISOString());
      keepMetrics(record);
      sink(record);
    },
  });
}
