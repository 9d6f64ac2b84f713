import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import * as v from 'valibot';
import { batchPlannedSchema } from '../../events/batch-planned-v1.ts';
import { handleStart } from '../../functions/start-batch.ts';
import { handleSchedule } from '../../functions/start-scheduled-batch.ts';
import { eachCategory, PLAN_CATEGORIES, type Plan } from '../../lib/activation/batches/plan.ts';
import { SELECTABLE_STATUSES } from '../../lib/activation/batches/selector.ts';
import { flowLogKey } from '../../lib/activation/model/ids.ts';
import { Problem } from '../../lib/http/problem.ts';
import { START } from '../support/fakes/activations.ts';
import { aFlowLog, aSelector, InMemoryFlowLogFinder } from '../support/fakes/in-memory-flow-log-finder.ts';
import { InMemoryPlanStore } from '../support/fakes/in-memory-plan-store.ts';
import { context } from '../support/fakes/lambda.ts';
import { bodyNear, httpInput } from './http-input.ts';
import { httpSurface } from './http-surface.ts';
import { type JsonNode, jsonMutation, mutate, toNode, toText } from './json-node.ts';
import { mostly, oddKey, oddText, someOf } from './odd-text.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { createWorld, type World } from './world.ts';

const planIdOf = (digit: string) => `p-${digit.repeat(32)}`;
const UP_TO_DATE = planIdOf('1');
const OUTDATED = planIdOf('2');
const CARRIED_OUT = planIdOf('3');

const name = fc.oneof(fc.constantFrom('*', 'name*', 'name of fl-?', '*ne*', 'none'), oddText);
const tags = fc.dictionary(
  mostly(fc.constantFrom('env', 'owner'), oddKey, 6),
  fc.oneof(fc.constant(true), fc.constantFrom('prod', 'dev'), fc.constant(['prod', 'dev']), oddText),
  { maxKeys: 3 },
);
const selector = fc.record(
  {
    region: fc.constantFrom('cn-beijing', 'cn-shanghai'),
    account: fc.constantFrom('default', 'narrow'),
    project: mostly(fc.constant('default'), oddText),
    vpcId: fc.constantFrom('vpc-1', 'vpc-2'),
    resourceType: fc.constantFrom('vpc', 'subnet', 'eni'),
    resourceId: mostly(fc.constant('vpc-1'), oddText),
    name,
    tags,
    status: fc.oneof(
      fc.constantFrom(...SELECTABLE_STATUSES),
      fc.subarray([...SELECTABLE_STATUSES], { minLength: 1 }),
    ),
  },
  { requiredKeys: [] },
);
const metadata = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 });
const bySelector = fc.record({ selector, metadata, dryRun: fc.boolean() }, { requiredKeys: ['selector'] });
const byPlan = fc.record(
  { planId: fc.constantFrom(UP_TO_DATE, OUTDATED, CARRIED_OUT, planIdOf('4')), metadata },
  { requiredKeys: ['planId'] },
);

const aPlan = (planId: string, change: Partial<Plan> = {}): Plan => ({
  planId,
  requestHash: 'hash',
  selector: aSelector({ status: ['Inactive'] }),
  metadata: {},
  flowLogs: {
    ...eachCategory(() => []),
    wouldActivate: ['fl-cancelled', 'fl-new'],
    alreadyOpen: ['fl-queued'],
    frozen: ['fl-locked'],
  },
  createdAt: START,
  ...change,
});

function batchWorld(world: World) {
  const finder = new InMemoryFlowLogFinder([
    aFlowLog('fl-active', { status: 'Active', tags: [{ key: 'env', value: 'prod' }] }),
    aFlowLog('fl-cancelled', { tags: [{ key: 'env', value: 'dev' }] }),
    aFlowLog('fl-locked', { locked: true }),
    aFlowLog('fl-new'),
    aFlowLog('fl-queued'),
  ]);
  const plans = new InMemoryPlanStore();
  const execution = { at: START, source: 'api', metadata: {} };
  const stored = [
    aPlan(UP_TO_DATE),
    aPlan(OUTDATED, { flowLogs: { ...eachCategory(() => []), wouldActivate: ['fl-gone'] } }),
    aPlan(CARRIED_OUT, { execution }),
  ];
  for (const plan of stored) plans.plans.set(plan.planId, plan);
  return { ...world, finder, plans, sleep: async () => {}, newPlanId: () => planIdOf('9') };
}

const counts = v.record(v.picklist(PLAN_CATEGORIES), v.number());
const dryAnswer = v.strictObject({
  planId: v.string(),
  selector: v.looseObject({ account: v.string(), region: v.string() }),
  counts,
  ids: v.record(v.picklist(PLAN_CATEGORIES), v.array(v.string())),
  more: v.literal(false),
});
const startedResponse = v.strictObject({
  planId: v.string(),
  counts,
  batches: v.array(v.strictObject({ batchId: v.string(), total: v.number() })),
});

/** What was started is in the table and was matched; what was only planned has left nothing there. */
function checkStarted(_event: APIGatewayProxyEventV2, body: unknown, world: World): void {
  if (v.is(dryAnswer, body)) {
    require(world.store.writes.length === 0, () => `planned, but written: ${world.store.writes}`);
    return;
  }
  const { counts: counted, batches } = v.parse(startedResponse, body);
  const total = batches.reduce((sum, batch) => sum + batch.total, 0);
  require(total === (counted.wouldActivate ?? 0) + (counted.alreadyOpen ?? 0), 'other counts than batches');
  for (const { batchId } of batches) {
    const batch = world.store.batches.get(batchId);
    require(batch !== undefined, 'started, but its batch is not in the table');
    for (const flowLog of batch.flowLogs) {
      require(world.store.current.has(flowLogKey(flowLog)), 'started, but not open');
      const mayStart = ['fl-cancelled', 'fl-new', 'fl-queued'].includes(flowLog.flowLogId);
      require(mayStart, () => `${flowLog.flowLogId} was started`);
    }
  }
}

const scheduled = fc.record(
  {
    schedule: mostly(
      fc.constantFrom('nightly', 'arn:aws:events:eu-west-1:000000000000:rule/nightly'),
      oddText,
      8,
    ),
    scheduledAt: mostly(fc.constantFrom('2026-01-02T01:00:00Z', '2026-01-02T01:00:00.123+02:00'), oddText, 8),
    selector,
    dryRun: fc.boolean(),
    metadata,
  },
  { requiredKeys: ['schedule', 'scheduledAt', 'selector'] },
);
const scheduleEvent: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(scheduled, someOf(jsonMutation, 3))
      .map(([document, mutations]): unknown => parse(mutate(toNode(document), mutations))),
  },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 3 }) },
);

function parse(node: JsonNode): unknown {
  try {
    return JSON.parse(toText(node));
  } catch {
    return undefined;
  }
}

export const BATCH_SURFACES: readonly Surface[] = [
  httpSurface({
    routeKey: 'POST /batches',
    inputs: httpInput({ body: bodyNear(fc.oneof({ weight: 3, arbitrary: bySelector }, byPlan)) }),
    handle: (world) => (event, lambda) => handleStart(batchWorld(world), event, lambda),
    whenAccepted: checkStarted,
  }),
  defineSurface({
    name: 'scheduled batches',
    inputs: fc.record({ event: scheduleEvent }),
    async probe({ event }) {
      const world = createWorld();
      const deps = batchWorld(world);
      try {
        const answer = await handleSchedule(deps, event, context(900_000));
        require('batches' in answer === (world.publisher.published.length === 0), 'both started and planned');
        for (const { body } of world.publisher.published) v.parse(batchPlannedSchema, JSON.parse(body));
        return 'accepted';
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        require(world.log.lines.some(({ level }) => level === 'error'), 'refused without a word');
        require(world.store.writes.length === 0, () => `refused, but written: ${world.store.writes}`);
        require(world.publisher.published.length === 0, 'refused, but published');
        return 'refused';
      }
    },
  }),
];
