import * as v from 'valibot';
import { eachCategory } from '../../../lib/activation/batches/plan.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { hasKnownFaults } from '../known-faults.ts';
import { createBatchFunctions } from './batch-functions.ts';
import type { Load } from './load.ts';
import { checkPlan, drawSelection, type Selection, Standing } from './selections.ts';

type Firing = { event: Record<string, unknown>; key: string; selection: Selection; before: Standing };

/** Lambda tries an asynchronous invocation three times, after these waits. */
const TRIES_AFTER_MS = [0, 60_000, 120_000] as const;
const LATE_MS = 300_000;

const startedSchema = v.object({ planId: v.string(), batches: v.array(v.object({ batchId: v.string() })) });
const plannedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    id: v.string(),
    data: v.object({
      scheduledAt: v.string(),
      ids: v.object(eachCategory(() => v.array(v.string()))),
    }),
  }),
);

/** Schedules that fire late, twice, or twice at once for one time, in earnest or in dry run. */
export function createScheduleLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, watch, model, violate, happened } = environment;
  const { schedule } = createBatchFunctions(environment, deployment);
  let firing = 0;
  const firings = new Map<string, Firing>();
  const startedBy = new Map<string, string>();
  const plannedIds = new Map<string, string>();
  const toldAs = new Map<string, string>();

  model.onPlanned = (detail) => {
    const { id, data } = v.parse(plannedSchema, detail);
    const told = toldAs.get(id);
    toldAs.set(id, told ?? detail);
    if (told !== undefined) {
      happened('schedule told again', id);
      if (told !== detail) violate('the same bytes for the same id', `${told} then ${detail}`);
      return;
    }
    const planned = firings.get(data.scheduledAt);
    const first = plannedIds.get(data.scheduledAt) ?? id;
    plannedIds.set(data.scheduledAt, first);
    if (!planned || first !== id) {
      violate('nothing is told before it is true', `${id} for ${data.scheduledAt}, after ${first}`);
    } else {
      checkPlan(
        environment,
        planned.selection,
        data.ids,
        planned.before,
        new Standing(environment, planned.selection),
      );
      happened('schedule told what it would start', id);
    }
  };

  const check = ({ key, event }: Firing, output: unknown) => {
    if (event.dryRun === true) return;
    const started = v.parse(startedSchema, output);
    const words = JSON.stringify(started);
    const first = startedBy.get(key) ?? words;
    if (startedBy.has(key)) happened('schedule fired again', key);
    startedBy.set(key, first);
    if (first !== words)
      violate('a plan is carried out once, as it stands', `${key}: ${first} then ${words}`);
    happened('schedule fired', key);
  };

  const invoke = async (one: Firing) => {
    for (const afterMs of TRIES_AFTER_MS) {
      await time.sleep(afterMs);
      const output = await schedule.invoke(one.event);
      if (output === undefined) continue;
      check(one, output);
      return;
    }
    happened('schedule dropped', one.key);
  };

  for (let number = random.integer(1, 2); number > 0; number -= 1) {
    const selection = drawSelection(environment);
    const atMs = random.integer(0, withinMs);
    const scheduledAt = new Date(time.now + atMs).toISOString();
    const key = `schedule-${number}`;
    // 0.3.0 draws the id of what it would start anew each time, and has another for the same later.
    const dryRun = random.chance(0.3) && !hasKnownFaults(environment.rollout.release?.version);
    const metadata = { plan: key };
    const event = { schedule: 'nightly', scheduledAt, selector: selection.selector, dryRun, metadata };
    const lateMs = random.pick([0, 0, LATE_MS]);
    for (let times = random.pick([1, 2, 2, 3] as const); times > 0; times -= 1) {
      firing += 1;
      time.after(atMs + random.integer(0, lateMs), async () => {
        const one = firings.get(scheduledAt) ?? {
          event,
          key,
          selection,
          before: new Standing(environment, selection),
        };
        firings.set(scheduledAt, one);
        await invoke(one);
        firing -= 1;
      });
    }
  }

  return {
    isDone: () => firing === 0,
    async atRest() {
      const batches = [...watch.batches.values()].filter(({ source }) => source === 'schedule:nightly');
      for (const [key, own] of Map.groupBy(batches, ({ metadata }) => metadata.plan ?? '')) {
        const flowLogIds = own.flatMap(({ flowLogs }) => flowLogs.map(({ flowLogId }) => flowLogId));
        if (own.length > 1) {
          violate(
            'a plan is carried out once, as it stands',
            `${key} has started ${flowLogIds} in ${own.length}`,
          );
        }
      }
    },
  };
}
