import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { Load } from './load.ts';

type Course = readonly [number, ...number[]];

/** Of the invocations the part that the released version has, one time after the other. */
const COURSES: readonly [Course, ...Course[]] = [
  // An update.
  [1, 0.5, 0],
  // One that is rolled back, and then made.
  [1, 0.5, 1, 0.5, 0],
  // Both from the first to the last.
  [0.5, 0.5, 0],
  // Rolled back, first of all: it finds what the later version has written.
  [0, 0.5, 1, 0],
  [0, 1],
];

/** The code is updated to this version, or rolled back to the released one, while it works. */
export function createReleaseLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, rollout, happened } = environment;
  const course = random.pick(COURSES);
  const become = (share: number) => {
    if (share !== rollout.share) {
      const what = share > rollout.share ? 'code rolled back' : 'code updated';
      happened(what, `${rollout.release?.version} has ${share}`);
      deployment.redeploy();
    }
    rollout.share = share;
  };
  const [first, ...later] = course;
  rollout.share = first;
  const times = later.map(() => random.integer(0, 2 * withinMs)).sort((a, b) => a - b);
  for (const [index, share] of later.entries()) time.after(times[index] ?? 0, () => become(share));
  return { isDone: () => true, atRest: async () => {} };
}
