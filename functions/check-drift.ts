import { setTimeout as sleep } from 'node:timers/promises';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type CheckDeps, checkDrift } from '../lib/activation/drift/check-drift.ts';
import { readSettings } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log, telemetry } from '../lib/runtime/telemetry.ts';
import { createConfiguration } from './wiring/configuration.ts';
import { createApi, volcengineSettings } from './wiring/volcengine.ts';
import {
  createCheckpoints,
  createQuota,
  createStore,
  policySettings,
  tickSettings,
  withWakingStore,
} from './wiring/workflow.ts';

const services = lazily((): CheckDeps => {
  const { ratePerSecond, callTimeoutMs, replicaLagMs } = policySettings;
  const settings = readSettings({
    ...tickSettings,
    ...volcengineSettings,
    ratePerSecond,
    callTimeoutMs,
    replicaLagMs,
  });
  const deps = {
    store: createStore(settings),
    checkpoints: createCheckpoints(settings),
    api: createApi(settings, createConfiguration(settings)),
    limiter: createQuota(settings),
    metrics: counters,
    replicaLagMs: settings.replicaLagMs,
    now: Date.now,
    random: Math.random,
    sleep,
    log,
  };
  return withWakingStore(deps, settings);
});

/**
 * After the last page there is this time for the remaining calls: a few for each account and region, and for absent
 * flow logs.
 */
const DESCRIBE_MS = 300_000;
/** Time for the last writes. */
const RESERVE_MS = 15_000;

export const driftLimits = (endsAt: number) => ({
  readUntil: endsAt - DESCRIBE_MS,
  describeUntil: endsAt - RESERVE_MS,
});

export const handler = middy<unknown, void, Error, Context>()
  .use(telemetry)
  .handler(async (_event, context) => {
    const endsAt = Date.now() + context.getRemainingTimeInMillis();
    const found = await checkDrift(services(), driftLimits(endsAt));
    log.info('checked for drift', found);
    // A failed invocation raises the function's alarm. Nothing else shows that flow logs are not checked.
    if (found.unchecked > 0) throw new Error(`${found.unchecked} flow logs could not be checked`);
  });
