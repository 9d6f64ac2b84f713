import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Scenario } from '../support/virtual/simulated-flow-log.ts';

const ORDINARY_WITHIN_MS = 20_000;

const ORDINARY: Scenario = {
  name: 'ordinary',
  initially: 'Inactive',
  becomes: { status: 'Active', withinMs: ORDINARY_WITHIN_MS },
};

const BEING_CREATED: Scenario = {
  ...ORDINARY,
  name: 'still being created',
  initially: 'Creating',
  createdWithinMs: 300_000,
};

const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  ORDINARY,
  ORDINARY,
  ORDINARY,
  ORDINARY,
  { ...ORDINARY, name: 'slow', becomes: { status: 'Active', withinMs: 200_000 } },
  { name: 'never Active', initially: 'Inactive' },
  { name: 'absent', initially: 'absent' },
  { ...ORDINARY, name: 'frozen', locked: true },
  { ...ORDINARY, name: 'Active already', initially: 'Active' },
  BEING_CREATED,
  BEING_CREATED,
  { ...ORDINARY, name: 'falls back', becomes: { status: 'Inactive', withinMs: 20_000 } },
  { ...ORDINARY, name: 'fails', becomes: { status: 'Failed', withinMs: 20_000 } },
];

/** Mostly ordinary, so that there is progress to be seen. `scale`: how much longer what takes long takes. */
export function drawScenario(random: SeededRandom, scale: number): Scenario {
  const scenario = random.pick(SCENARIOS);
  const { becomes, createdWithinMs } = scenario;
  // What takes seconds takes seconds.
  const isSlow = becomes !== undefined && becomes.withinMs > ORDINARY_WITHIN_MS;
  return {
    ...scenario,
    ...(isSlow && { becomes: { ...becomes, withinMs: becomes.withinMs * scale } }),
    ...(createdWithinMs !== undefined && { createdWithinMs: createdWithinMs * scale }),
  };
}
