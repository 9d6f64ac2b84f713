import { outboxEventIdOf } from '../../../lib/activation/model/ids.ts';
import type { Environment } from '../environment.ts';
import type { Load } from './load.ts';

const KINDS = ['submitted', 'completed', 'failed', 'dead-letter', 'drifted', ''] as const;
const CHOSEN = 2;
/** When all else is at rest. The longest is enough for the longest pause between two attempts. */
const LASTS_MS = [0, 1_800_000, 14_400_000] as const;
/** Three ticks of the slowest poller, which is invoked each minute. */
const TOLD_WITHIN_MS = 150_000;

/** One fact or two that are refused for long, or until everything else is at rest: nothing else is held up by them. */
export function createRefusalLoad(environment: Environment, _deployment: unknown, withinMs: number): Load {
  const { random, time, refusals, happened, watch, model, faults, violate } = environment;
  const kind = random.pick(KINDS);
  let left = random.integer(1, CHOSEN);
  const chooseTold = (id: string) => (faults.isOn && isTold(id, model) ? 'entry' : undefined);
  const chooseAny = (id: string) => {
    // Told directly, by whoever asked for it: there is nothing to keep it in.
    if (left === 0 || id.endsWith('planned') || !id.endsWith(kind) || !random.chance(kind === '' ? 0.3 : 0.7))
      return undefined;
    left -= 1;
    happened('fact refused', id);
    return random.pick(['entry', 'entry', 'call'] as const);
  };
  refusals.choose = faults.isCopying ? chooseTold : chooseAny;
  refusals.onRefused = (id, times) => {
    if (times > 5) happened('fact refused for long', id);
  };
  if (random.chance(0.3)) {
    time.after(random.integer(withinMs, 4 * withinMs), () => {
      if (refusals.isAny()) happened('fact no longer refused');
      refusals.end();
    });
  }
  watch.onOutbox = (activationId, entry) => {
    if (faults.isOn) return;
    time.after(TOLD_WITHIN_MS, () => {
      if (model.isTold(activationId, entry) || refusals.wasRefused(outboxEventIdOf(activationId, entry)))
        return;
      violate('what is refused holds up no other', `${activationId} ${entry} is not told yet`);
    });
  };

  let lasts = false;
  return {
    isDone: () => !lasts,
    atRest: async () => refusals.atRest(),
    mend() {
      refusals.choose = () => undefined;
      if (!refusals.isAny()) return false;
      happened('all but a refused fact is told');
      lasts = true;
      time.after(random.pick(LASTS_MS), () => {
        refusals.end();
        lasts = false;
      });
      return true;
    },
  };
}

/** Of an activation. */
function isTold(id: string, model: Environment['model']): boolean {
  const [, activationId = '', generation, type] = /^(.*)\.(\d+)\.([a-z-]+)$/.exec(id) ?? [];
  return activationId !== '' && model.isTold(activationId, `${type}#${generation}`);
}
