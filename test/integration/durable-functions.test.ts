import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { afterEach, describe, expect, test } from 'vitest';
import { activateFlowLog } from '../../bench/durable/activate-flow-log.ts';
import { activateRequest } from '../../bench/durable/activate-request.ts';
import type { Durable, Ending } from '../../bench/durable/function-parts.ts';
import { metered } from '../../bench/durable/metered.ts';
import { policyOf, policySettings } from '../../functions/wiring/workflow.ts';
import type { ActivateOutcome } from '../../lib/activation/model/outcome.ts';
import { readSettings } from '../../lib/config/settings.ts';

const SCOPE = { account: 'default', region: 'cn-beijing', requestId: 'request-1' };
const error = { code: 'Code', message: 'refused' };
const ACCEPTED: ActivateOutcome = { kind: 'accepted', requestId: 'r' };

/** Answers to the calls of one flow log, in their order; the last is repeated. */
type Script = { active: ActivateOutcome[]; statuses: string[] };

function play(scripts: Record<string, Script>) {
  const called: { flowLogId: string; clientToken: string }[] = [];
  const published: Ending[] = [];
  const next = <Step>(steps: Step[]) => (steps.length > 1 ? steps.shift() : steps[0]);
  const services = {
    api: {
      activeFlowLog: async ({ flowLog: { flowLogId }, clientToken }: ActiveRequest) => {
        called.push({ flowLogId, clientToken });
        return next(scripts[flowLogId]?.active ?? []) ?? ACCEPTED;
      },
      describeFlowLogs: async (_: unknown, flowLogIds: string[]) => ({
        kind: 'described' as const,
        flowLogs: new Map(
          flowLogIds.map((flowLogId) => [
            flowLogId,
            { flowLogId, status: next(scripts[flowLogId]?.statuses ?? []) ?? 'Active', locked: false },
          ]),
        ),
      }),
    },
    limiter: {
      acquire: async () => 0,
      acquireOrTurn: async () => 0,
      release() {},
      throttled: async () => {},
    },
    policy: policyOf(readSettings(policySettings, { PENDING_DEADLINE_MS: '30000' })),
    random: () => 0.5,
    publish: async (endings: Ending[]) => {
      published.push(...endings);
    },
  };
  return { services, called, published };
}
type ActiveRequest = { flowLog: { flowLogId: string }; clientToken: string };

async function run(durable: (context: Durable) => Promise<unknown>, skipTime = true) {
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime });
  const handlerFunction = withDurableExecution((_: unknown, context: DurableContext) => durable(context));
  const result = await new LocalDurableTestRunner({ handlerFunction }).run({ payload: {} });
  expect(result.getStatus()).toBe('SUCCEEDED');
  return result;
}

afterEach(() => LocalDurableTestRunner.teardownTestEnvironment());

const scripts = (): Record<string, Script> => ({
  conflict: {
    active: [{ kind: 'retry', error }, { kind: 'throttled', error }, ACCEPTED],
    statuses: ['Pending', 'Active'],
  },
  missing: { active: [{ kind: 'dead-letter', reason: 'not-found', error }], statuses: [] },
  adopted: { active: [{ kind: 'verify', error }], statuses: ['Active'] },
  inactive: { active: [{ kind: 'verify', error }, ACCEPTED], statuses: ['Inactive', 'Pending', 'Active'] },
  broken: { active: [ACCEPTED], statuses: ['Pending', 'Failed'] },
  stuck: { active: [ACCEPTED], statuses: ['Pending'] },
});
const ENDINGS: Ending[] = [
  { flowLogId: 'adopted' },
  { flowLogId: 'broken', reason: 'activation-failed' },
  { flowLogId: 'conflict' },
  { flowLogId: 'inactive' },
  { flowLogId: 'missing', reason: 'not-found' },
  { flowLogId: 'stuck', reason: 'deadline-exceeded' },
];
const CALLS = { adopted: 1, broken: 1, conflict: 3, inactive: 2, missing: 1, stuck: 1 };

describe('the durable functions that we are compared with do the whole job', () => {
  test('an execution for each flow log publishes how it ended, once, and repeats its ClientToken', async () => {
    const { services, called, published } = play(scripts());
    for (const flowLogId of Object.keys(CALLS)) {
      await run((context) => activateFlowLog(context, { ...SCOPE, flowLogId }, services));
      await LocalDurableTestRunner.teardownTestEnvironment();
    }
    expectAllEnded(published, called);
  });

  test('one execution for the request does the same', async () => {
    const { services, called, published } = play(scripts());
    const flowLogIds = Object.keys(CALLS);
    await run((context) => activateRequest(context, { ...SCOPE, flowLogIds }, services));
    expectAllEnded(published, called);
  });
});

function expectAllEnded(published: Ending[], called: { flowLogId: string; clientToken: string }[]) {
  expect(published.toSorted((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1))).toEqual(ENDINGS);
  const byFlowLog = Map.groupBy(called, ({ flowLogId }) => flowLogId);
  expect(Object.fromEntries([...byFlowLog].map(([id, calls]) => [id, calls.length]))).toEqual(CALLS);
  for (const calls of byFlowLog.values()) expect(new Set(calls.map((one) => one.clientToken)).size).toBe(1);
}

test('operations and invocations are counted as AWS does, where the runner lets time pass', async () => {
  let tries = 0;
  const second = { seconds: 1 };
  const result = await run(async (context) => {
    await context.step(
      'fails once',
      async () => {
        tries += 1;
        if (tries === 1) throw new Error('once');
        return 'four';
      },
      { retryStrategy: () => ({ shouldRetry: true, delay: second }) },
    );
    await context.wait('once', second);
    await context.waitForCondition('three polls', async (polls: number) => polls + 1, {
      initialState: 0,
      waitStrategy: (polls) =>
        polls < 3 ? { shouldContinue: true, delay: second } : { shouldContinue: false },
    });
  }, false);
  const { operations, suspensions } = metered(result.getHistoryEvents());
  // A start; a step and its retry; a wait; a condition and its three polls.
  expect(operations).toBe(1 + 2 + 1 + 4);
  expect(1 + suspensions).toBe(result.getInvocations().length);
});
