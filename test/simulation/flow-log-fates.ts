import type { SeededRandom } from '../fakes/seeded-random.ts';

export type FlowLogStatus = 'Inactive' | 'Pending' | 'Active' | 'Creating' | 'Deleting' | 'Failed';

/** What is in store for a flow log once it is told to activate; `absent`: it does not exist. */
export type Fate = {
  name: string;
  initially: FlowLogStatus | 'absent';
  locked?: true;
  /** What Pending becomes, and at most how much later; stays Pending without. */
  becomes?: { status: FlowLogStatus; withinMs: number };
  /** Becomes Inactive by itself. */
  createdWithinMs?: number;
};

const ORDINARY: Fate = {
  name: 'ordinary',
  initially: 'Inactive',
  becomes: { status: 'Active', withinMs: 20_000 },
};

const BEING_CREATED: Fate = {
  ...ORDINARY,
  name: 'still being created',
  initially: 'Creating',
  createdWithinMs: 300_000,
};

const FATES: readonly [Fate, ...Fate[]] = [
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

/** Mostly ordinary, so that there is progress to be seen. */
export function drawFate(random: SeededRandom): Fate {
  return random.pick(FATES);
}
