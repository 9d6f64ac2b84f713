import { mapSettled } from '../../runtime/concurrency.ts';
import type { FlowLogPolicy } from './policy.ts';
import { unreadOf } from './run.ts';
import type { RunDeps, RunLimit } from './run-deps.ts';
import { dueTime, runPolicy } from './run-policy.ts';

const POLICIES_AT_ONCE = 8;

/** What a person has asked for, and the account's own condition, which GET /status shows. */
const EXPECTED = new Set(['account-paused']);

export type PoliciesRun = { due: number; ended: number; unfinished: number; failed: number; unread: number };

/**
 * Runs each policy that is due. Without a policy it reads nothing. One that fails delays no other: it is logged, and the
 * next invocation goes on with it. `unread`: accounts and regions that could not be read, those of paused accounts apart.
 * Unless `isWhole`, the policies are not all that are stored. Then nothing is deactivated: another may want it Active.
 */
export async function runPolicies(
  deps: RunDeps,
  policies: readonly FlowLogPolicy[],
  limit: RunLimit,
  { isWhole = true }: { isWhole?: boolean } = {},
): Promise<PoliciesRun> {
  const summary = { due: 0, ended: 0, unfinished: 0, failed: 0, unread: 0 };
  if (policies.length === 0) return summary;
  const states = new Map((await deps.runs.states()).map((state) => [state.policy, state]));
  // The longest due one first: if the time is too short for all, the next invocation begins with the others.
  const due = policies
    .flatMap((policy) => {
      const state = states.get(policy.name);
      const plannedAt = dueTime(policy, state, deps.now());
      return plannedAt === undefined ? [] : [{ policy, state, plannedAt }];
    })
    .sort((a, b) => a.plannedAt - b.plannedAt);
  summary.due = due.length;
  const mayDeactivate = isWhole && deps.allowsDeactivation;
  const outcomes = await mapSettled(due, POLICIES_AT_ONCE, ({ policy, ...when }) =>
    runPolicy(deps, { policies, policy, mayDeactivate }, when, limit),
  );
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome instanceof Error) {
      summary.failed += 1;
      deps.log.error('the run of a policy failed', { policy: due[index]?.policy.name, error: outcome });
    } else if (outcome.kind === 'run') {
      summary.ended += 1;
      summary.unread += unreadOf(outcome.run).filter(({ code }) => !EXPECTED.has(code)).length;
    } else if (outcome.kind === 'unfinished') summary.unfinished += 1;
  }
  return summary;
}
