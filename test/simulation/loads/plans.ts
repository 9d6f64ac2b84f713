import * as v from 'valibot';
import { startable } from '../../../lib/activation/batches/plan.ts';
import { planSchema, startedPlanSchema } from '../../../lib/api/responses/batch-responses.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { createBatchFunctions } from './batch-functions.ts';
import type { Load } from './load.ts';
import { checkPlan, drawSelection, type Selection, Standing } from './selections.ts';

type Plan = v.InferOutput<typeof planSchema>;
type Planner = { key: string; selection: Selection };
type Answer = { status: number; body: string } | undefined;

/** Those who select: a dry run that is repeated, carried out, perhaps by two at once, or out of date; or all in one. */
export function createPlanLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, faults, loads, watch, model, violate, happened } = environment;
  const { start } = createBatchFunctions(environment, deployment);
  let asking = 0;
  /** What has been carried out, by planner. */
  const startedBy = new Map<string, string>();

  const post = (key: string | undefined, content: unknown): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
    return start.invoke(httpEvent('POST', '/batches', { headers, body: JSON.stringify(content) }));
  };

  /** Until it is answered for good; undefined when its caller gives up. */
  const ask = async (key: string | undefined, content: unknown): Promise<Answer> => {
    for (;;) {
      const wasSane = !faults.isOn;
      const answer = await post(key, content);
      // What is wrong with a selector Volcengine says, and it says what it likes while there are faults.
      const isRefused = answer?.status === 422 && !wasSane;
      // A page for each of a crowd, while all of them are activated, can take more tokens than there are in its time.
      const isTooLarge = loads.has('crowd') && answer?.body.includes('selection-too-large') === true;
      const isPaused = answer?.body.includes('account-paused') === true;
      const isFinal = answer && ![500, 503].includes(answer.status) && !isRefused && !isTooLarge && !isPaused;
      if (isFinal) return answer;
      if (faults.isOn && random.chance(0.1)) return undefined;
      await time.sleep(random.integer(500, 20_000));
    }
  };

  const dryRun = async ({ key, selection }: Planner, before: Standing): Promise<Plan | undefined> => {
    const content = { selector: selection.selector, dryRun: true, metadata: { plan: key } };
    const answer = await ask(key, content);
    if (answer?.status !== 200) {
      if (answer)
        violate('what was promised was done', `a dry run was answered ${answer.status} ${answer.body}`);
      return undefined;
    }
    const plan = v.parse(v.pipe(v.string(), v.parseJson(), planSchema), answer.body);
    const { planId, ids } = plan;
    if (!model.answered(`plan ${key}`, JSON.stringify([planId, ids]))) return plan;
    checkPlan(environment, selection, ids, before, new Standing(environment, selection));
    happened('plan made', key);
    return plan;
  };

  const checkStarted = (key: string, plan: Plan | undefined, { body }: { body: string }) => {
    const { batches, counts } = v.parse(v.pipe(v.string(), v.parseJson(), startedPlanSchema), body);
    const first = startedBy.get(key) ?? body;
    startedBy.set(key, first);
    if (first !== body) violate('a plan is carried out once, as it stands', `${key}: ${first} then ${body}`);
    const started = batches.flatMap(({ batchId }) => watch.batches.get(batchId)?.flowLogs ?? []);
    const ids = started.map(({ flowLogId }) => flowLogId).sort();
    const wanted = plan ? startable(plan.ids) : ids;
    const isWhole = ids.length === counts.wouldActivate + counts.alreadyOpen;
    if (!isWhole || JSON.stringify(ids) !== JSON.stringify(wanted)) {
      violate(
        'a plan is carried out once, as it stands',
        `${key} started ${ids}, and its plan has ${wanted}`,
      );
    }
  };

  /** Carried out by one only: what the plan does not have, and would be started, must not have stood there all along. */
  const checkUpToDate = ({ key, selection }: Planner, plan: Plan, asked: Standing) => {
    const planned = startable(plan.ids);
    const still = new Standing(environment, selection).stoodStillSince(asked);
    const missed = still.filter(
      ([flowLogId, category]) =>
        (category === 'wouldActivate' || category === 'alreadyOpen') && !planned.includes(flowLogId),
    );
    if (missed.length > 0) violate('a plan is carried out once, as it stands', `${key} without ${missed}`);
  };

  const execute = async ({ key, selection }: Planner, plan: Plan, planned: Standing, isAlone: boolean) => {
    const asked = new Standing(environment, selection);
    const wasStarted = startedBy.has(key);
    const wasBegun = environment.dynamodb.items.get(`P#${plan.planId} 0`)?.execution !== undefined;
    const answer = await ask(undefined, { planId: plan.planId });
    if (answer?.status === 202 || answer?.status === 200) {
      if (startedBy.has(key)) happened('plan carried out again', key);
      if (isAlone && !wasBegun) checkUpToDate({ key, selection }, plan, asked);
      checkStarted(key, plan, answer);
      happened('plan carried out', key);
    } else if (answer?.status === 409) {
      happened('plan out of date', key);
      if (wasStarted) violate('a plan is carried out once, as it stands', `${key} is out of date`);
      if (planned.isSameAs(new Standing(environment, selection))) {
        violate('a plan is carried out once, as it stands', `${key} is out of date, and nothing has changed`);
      }
    } else if (answer) {
      violate('what was promised was done', `a plan was answered ${answer.status} ${answer.body}`);
    }
  };

  const plan = async (planner: Planner) => {
    const planned = new Standing(environment, planner.selection);
    const made = await dryRun(planner, planned);
    if (made === undefined) return;
    if (random.chance(0.3)) await dryRun(planner, planned);
    const executions = random.pick([0, 1, 1, 2, 3]);
    await Promise.all(
      Array.from({ length: executions }, async () => {
        await time.sleep(random.integer(0, random.pick([0, 60_000])));
        await execute(planner, made, planned, executions === 1);
      }),
    );
  };

  const startAtOnce = async ({ key, selection }: Planner) => {
    for (let times = random.integer(1, 2); times > 0; times -= 1) {
      const answer = await ask(key, { selector: selection.selector, metadata: { plan: key } });
      if (answer === undefined) return;
      if (answer.status === 202 || answer.status === 200) checkStarted(key, undefined, answer);
      else violate('what was promised was done', `a selector was answered ${answer.status} ${answer.body}`);
      happened('selector started at once', key);
    }
  };

  for (let number = random.integer(1, 3); number > 0; number -= 1) {
    const planner = { key: `plan-${number}`, selection: drawSelection(environment) };
    const way = random.chance(0.7) ? plan : startAtOnce;
    asking += 1;
    time.after(random.integer(0, withinMs), async () => {
      await way(planner);
      asking -= 1;
    });
  }

  return {
    isDone: () => asking === 0,
    async atRest() {
      const batches = [...watch.batches.values()].filter(({ metadata }) => metadata.plan !== undefined);
      for (const [key, own] of Map.groupBy(batches, ({ metadata }) => metadata.plan ?? '')) {
        if (own.length > 1) {
          violate('a plan is carried out once, as it stands', `${key} has started ${own.length} batches`);
        }
      }
    },
  };
}
