import { SeededRandom } from '../../support/fakes/seeded-random.ts';

/** What a schedule may hold beside its callers; each is in a share of them, so that none pays for all. */
const LOAD_SHARES = {
  accounts: 0.3,
  lists: 0.3,
  plans: 0.25,
  schedules: 0.2,
  'webhooks in': 0.2,
  'webhooks out': 0.25,
  refusals: 0.12,
  'final round': 0.12,
  releases: 0.15,
  expiry: 0.12,
  crowd: 0.06,
  operators: 0.25,
  deactivations: 0.15,
} as const;

export type LoadName = keyof typeof LOAD_SHARES;

export type Load = {
  /** Nothing of it is on its way any more. */
  isDone: () => boolean;
  /** What must hold of it once everything has come to rest. */
  atRest: () => Promise<void>;
  /** Begins something more, once everything has come to rest; this comes to rest as well. */
  afterRest?: () => Promise<void>;
  /** What comes long after all has been checked. `settle` waits until everything is at rest again. */
  years?: (settle: () => Promise<void>) => Promise<void>;
  /** Ends what it has kept from others until everything else had come to rest; false when there was nothing. */
  mend?: () => boolean;
};

/** What people and services do in these loads, to be counted. */
export const LOAD_EVENTS = [
  'account refused',
  'account accepted again',
  'account removed',
  'account configured again',
  'all but a refused account has ended',
  'delivery accepted',
  'delivery accepted again',
  'delivery forged',
  'endpoint down',
  'endpoint up again',
  'webhook taken',
  'webhook taken again',
  'webhook given up',
  'all but a refused endpoint has heard',
  'list walked to its end',
  'list of a batch walked to its end',
  'plan made',
  'plan carried out',
  'plan carried out again',
  'plan out of date',
  'selector started at once',
  'schedule fired',
  'schedule fired again',
  'schedule dropped',
  'schedule told what it would start',
  'schedule told again',
  'fact refused',
  'fact refused for long',
  'fact no longer refused',
  'all but a refused fact is told',
  'asked once more',
  'code updated',
  'code rolled back',
  'months passed',
  'old key used again',
  'key used again after all has expired',
  'batch expired',
  'operation started',
  'operation aborted',
  'operation ended',
  'operation refused some',
  'account paused',
  'account resumed',
  'deactivation asked for',
  'deactivation refused: the other direction is open',
  'deactivated',
  'activated again after its deactivation',
] as const;

/** A random of its own: what a schedule does without loads is the same whatever loads there are. */
const ANOTHER_STREAM = 0x5eed;

export function drawLoads(seed: number, wanted?: LoadName): ReadonlySet<LoadName> {
  const random = new SeededRandom(seed ^ ANOTHER_STREAM);
  const drawn = Object.entries(LOAD_SHARES).filter(([, share]) => random.chance(share));
  const names = drawn.map(([name]) => name).filter(isLoad);
  const all = new Set(wanted ? [...names, wanted] : names);
  // What is refused for good 0.3.0 sends again in each tick, and what it writes of a batch expires in any case.
  // It knows no operations and no pauses.
  if (all.has('releases')) {
    const apart = ['refusals', 'expiry', 'operators'] as const;
    if (apart.some((name) => name === wanted)) all.delete('releases');
    else for (const name of apart) all.delete(name);
  }
  // 0.3.0 knows no deactivations. Of the others each supposes that what it asks for is not refused by one.
  if (all.has('deactivations')) {
    const apart = ['releases', 'plans', 'schedules', 'webhooks in', 'final round'] as const;
    if (apart.some((name) => name === wanted)) all.delete('deactivations');
    else for (const name of apart) all.delete(name);
  }
  return all;
}

export const LOAD_NAMES = Object.keys(LOAD_SHARES).filter(isLoad);

function isLoad(name: string): name is LoadName {
  return name in LOAD_SHARES;
}
