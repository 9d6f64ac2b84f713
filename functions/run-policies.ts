import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { RunDeps } from '../lib/activation/policies/run-deps.ts';
import { runPolicies } from '../lib/activation/policies/run-policies.ts';
import { CLIENT_OPTIONS } from '../lib/aws/client-options.ts';
import { createDynamoDbRunStore } from '../lib/aws/dynamodb-run-store.ts';
import { createEventBridgePublisher } from '../lib/aws/eventbridge-publisher.ts';
import { DEFAULT_ACCOUNT } from '../lib/config/accounts.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, telemetry } from '../lib/runtime/telemetry.ts';
import { batchServices, batchSettings } from './wiring/batches.ts';
import { policiesOf, type StoredPolicies } from './wiring/policies.ts';
import { createApi } from './wiring/volcengine.ts';
import { createClient, tickSettings, withWakingStore } from './wiring/workflow.ts';

type Services = RunDeps & { policies: () => Promise<StoredPolicies> };

const services = lazily((): Services => {
  const settings = readSettings({
    ...batchSettings,
    ...tickSettings,
    busName: text('EVENT_BUS_NAME'),
  });
  const { busName, tableName } = settings;
  const batches = batchServices(settings);
  const { accounts, configuration, log } = batches;
  const deps = {
    ...batches,
    api: createApi(settings, configuration),
    runs: createDynamoDbRunStore(createClient(), tableName, { log, metrics: counters, now: Date.now }),
    publisher: createEventBridgePublisher({
      client: new EventBridgeClient(CLIENT_OPTIONS),
      busName,
      metrics: counters,
      log,
    }),
    // The account `default` without keys is no account that anybody has configured. Any other one without is disabled:
    // its flow logs are unread.
    aliases: () =>
      [...accounts].flatMap(([alias, account]) => (account || alias !== DEFAULT_ACCOUNT ? [alias] : [])),
    policies: () => policiesOf(configuration),
  };
  return withWakingStore(deps, settings);
});

/** An account and region that is begun gets the rest of the time; those that are not go on in the next invocation. */
const BEGIN_SHARE = 1 / 3;
/** Time at the end for rows, run and event. */
const LAST_WRITES_MS = 40_000;
/** Time to start what is to be repaired. */
const START_MS = 20_000;

export const runLimit = (now: number, remainingMs: number) => ({
  beginUntil: now + remainingMs * BEGIN_SHARE,
  readUntil: now + remainingMs - LAST_WRITES_MS - START_MS,
  openUntil: now + remainingMs - LAST_WRITES_MS,
  leaseUntil: now + remainingMs,
});

/** Runs what is due. Throws if a policy failed or could not read all: that raises the function's alarm. */
export async function handleRuns({ policies, ...deps }: Services, remainingMs: number): Promise<void> {
  const limit = runLimit(deps.now(), remainingMs);
  const { policies: stored, isWhole } = await policies();
  const { failed, unread, ...rest } = await runPolicies(deps, stored, limit, { isWhole });
  if (rest.due > 0) deps.log.info('policies run', { ...rest, failed, unread });
  if (failed + unread > 0) {
    throw new Error(`${failed} policies failed, ${unread} accounts and regions could not be read`);
  }
}

export const handler = middy<unknown, void, Error, Context>()
  .use(telemetry)
  .handler((_event, context) => handleRuns(services(), context.getRemainingTimeInMillis()));
