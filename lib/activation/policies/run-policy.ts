import { mapConcurrently } from '../../runtime/concurrency.ts';
import { PolicyRunNotPublished, PolicyTooLarge } from './errors.ts';
import { type FlowLogPolicy, fingerprintOf, plannedTime, scopesOf, selectionHash } from './policy.ts';
import type { OpenRun, PolicyState } from './ports.ts';
import { isGoingOn, type Run, runIdOf, type ScopeResult, unreadOf } from './run.ts';
import type { RunContext, RunDeps, RunLimit } from './run-deps.ts';
import { runEventOf } from './run-event.ts';
import { keyOfScope, runScope } from './run-scope.ts';
import { summarize } from './summarize.ts';

/** All accounts run at once, up to this many: one that does not answer delays no other. */
const ACCOUNTS_AT_ONCE = 64;
/** An item holds 400 kB. An account and region takes some 75 bytes of it, and one of many gaps twice as much. */
const SCOPES_LIMIT = 2_500;
/** A clock that is wrong by more than a period and this has planned a run in the future. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Of a policy whose bus refuses all events, the latest. The reports of all runs are kept. */
const UNPUBLISHED_LIMIT = 100;

/** What could not be read is read again by the next two invocations, some ten minutes, before the run ends without it. */
const TRIES = 3;
/** Of a policy that runs more often, the next run reads it again. So an account that is refused delays no other. */
const RETRIED_PERIOD_MS = 1_800_000;
/** Another try would change nothing: a person has paused the account, or it is not configured. */
const NOT_RETRIED = new Set(['account-paused', 'scope-refused']);

function isWorthAnotherTry({ unread }: ScopeResult): boolean {
  return unread !== undefined && !NOT_RETRIED.has(unread.code);
}

type Given = Pick<RunContext, 'policies' | 'policy' | 'mayDeactivate'>;

/** `run`: it has ended. `unfinished`: a later invocation goes on with it. `taken`: another invocation works at it. */
export type RunOutcome = { kind: 'run'; run: Run } | { kind: 'unfinished' | 'taken' };

/** The planned time for which the policy is to be run now, or undefined if it is not due or another works at it. */
export function dueTime(
  policy: FlowLogPolicy,
  state: PolicyState | undefined,
  now: number,
): number | undefined {
  const { open, last } = state ?? {};
  // A lease cannot be longer than a run: one that is was written by a wrong clock.
  if (open && open.leaseUntil > now && open.leaseUntil < now + 2 * LONGEST_LEASE_MS) return undefined;
  if (open && isGoingOn(open, now)) return open.plannedAt;
  const plannedAt = plannedTime(policy, now);
  if (last === undefined || plannedAt > last.plannedAt) return plannedAt;
  return last.plannedAt > now + policy.everyMs + CLOCK_TOLERANCE_MS ? plannedAt : undefined;
}

/** Lambda's longest invocation. */
const LONGEST_LEASE_MS = 900_000;

/**
 * Runs a policy for one planned time: reads all that it covers, starts the repairs, stores the run, publishes its event.
 * Two at the same time do no harm; only one works. After a crash, or when the time is over, a later call with the state as
 * it is then goes on: same planned time, same batches, same run, same event.
 * Throws the errors of the store, PolicyTooLarge, and PolicyRunNotPublished.
 */
export async function runPolicy(
  deps: RunDeps,
  given: Given,
  { state, plannedAt }: { state: PolicyState | undefined; plannedAt: number },
  limit: RunLimit,
): Promise<RunOutcome> {
  const { policy } = given;
  const now = deps.now();
  const fingerprint = fingerprintOf(policy);
  const earlier = state?.open?.plannedAt === plannedAt ? state.open : undefined;
  const done = earlier?.fingerprint === fingerprint ? earlier.scopes : [];
  const open = {
    plannedAt,
    startedAt: earlier?.startedAt ?? now,
    leaseUntil: limit.leaseUntil,
    fingerprint,
    tries: earlier?.tries,
    scopes: done,
  };
  const givenUp = state?.open && state.open.plannedAt !== plannedAt ? [runIdOf(state.open.plannedAt)] : [];
  const unpublished = [...(state?.unpublished ?? []), ...givenUp];
  const begun = { ...state, policy: policy.name, version: (state?.version ?? 0) + 1, open, unpublished };
  if (!(await deps.runs.saveState(begun))) return { kind: 'taken' };

  try {
    return await carryOut(deps, given, { begun, open, last: state?.last, earlier }, limit);
  } catch (error) {
    // So that the next invocation need not wait for the end of the lease.
    await deps.runs.saveState({ ...begun, version: begun.version + 1, open: { ...open, leaseUntil: 0 } });
    throw error;
  }
}

type Begun = Pick<PolicyState, 'last'> & {
  begun: PolicyState;
  open: OpenRun;
  earlier: OpenRun | undefined;
};

async function carryOut(
  deps: RunDeps,
  given: Given,
  { begun, open, last, earlier }: Begun,
  limit: RunLimit,
): Promise<RunOutcome> {
  const { policy } = given;
  const { plannedAt } = open;
  const ids = { policy: policy.name, runId: runIdOf(plannedAt) };
  const stored = earlier && (await deps.runs.readRun(ids.policy, ids.runId));
  if (stored) return end(deps, policy, begun, stored);

  const latest = last && (await deps.runs.readRun(ids.policy, last.runId));
  // What was a gap of the other desired state says nothing about this one.
  const before = latest?.desired === policy.desired ? latest : undefined;
  const isSameSelection = before?.selectionHash === selectionHash(policy);
  const context = { ...given, plannedAt, isSameSelection, limit, ids };
  const { results, isWhole } = await runScopes(deps, context, open.scopes, before);
  const read = results.filter((result) => !isWorthAnotherTry(result));
  const tries = (open.tries ?? 0) + 1;
  const triesAgain = read.length < results.length && tries < TRIES && policy.everyMs >= RETRIED_PERIOD_MS;
  if (!isWhole || triesAgain) {
    const done = isWhole ? { tries, scopes: read } : { scopes: results };
    const unfinished = { ...open, ...done, leaseUntil: 0 };
    await deps.runs.saveState({ ...begun, version: begun.version + 1, open: unfinished });
    deps.log.info('the run of a policy goes on in the next invocation', ids);
    return { kind: 'unfinished' };
  }
  const run = await summarize(deps.runs, context, open, results, deps.now());
  return end(deps, policy, begun, (await deps.runs.createRun(run)) ?? run);
}

async function runScopes(
  deps: RunDeps,
  context: RunContext,
  done: ScopeResult[],
  last: Run | undefined,
): Promise<{ results: ScopeResult[]; isWhole: boolean }> {
  const { policy, limit } = context;
  const before = new Map(last?.scopes.map((scope) => [keyOfScope(scope), scope]));
  const finished = new Map(done.map((scope) => [keyOfScope(scope), scope]));
  const all = scopesOf(policy, deps.aliases(), (scope) => deps.scopeRefusal(scope) === undefined);
  if (all.length > SCOPES_LIMIT) throw new PolicyTooLarge(all.length, SCOPES_LIMIT);
  const left = all.filter((scope) => !finished.has(keyOfScope(scope)));
  const accounts = [...Map.groupBy(left, ({ account }) => account).values()];
  await mapConcurrently(accounts, ACCOUNTS_AT_ONCE, async (ofAccount) => {
    for (const scope of ofAccount) {
      if (deps.now() >= limit.beginUntil) return;
      const key = keyOfScope(scope);
      finished.set(key, await runScope(deps, context, scope, before.get(key)));
    }
  });
  const results = all.flatMap((scope) => finished.get(keyOfScope(scope)) ?? []);
  return { results, isWhole: results.length === all.length };
}

/**
 * Publishes the event of the run, and those that the bus has refused before. What it refuses again delays the next run only
 * until its time: then the policy goes on, and the events wait.
 */
async function end(
  deps: RunDeps,
  { name: policy, everyMs }: FlowLogPolicy,
  { version, unpublished = [] }: PolicyState,
  run: Run,
): Promise<RunOutcome> {
  const waiting = await Promise.all(unpublished.map((runId) => deps.runs.readRun(policy, runId)));
  const events = [...waiting.filter((each) => each !== undefined), run].map(runEventOf);
  const { stored, refused, cause } = await deps.publisher.publish(events);
  const left = events.filter(({ id }) => !stored.has(id));
  const { runId, plannedAt, finishedAt, counts, kinds } = run;
  const isPublished = left.every(({ ids }) => ids.runId !== runId);
  const isLate = plannedTime({ everyMs }, deps.now()) > plannedAt;
  const unread = unreadOf(run).length;
  if (isPublished || isLate) {
    const last = { runId, plannedAt, finishedAt, counts, unread };
    const runIds = left.slice(-UNPUBLISHED_LIMIT).map(({ ids }) => String(ids.runId));
    const kept = runIds.length > 0 ? { unpublished: runIds } : {};
    await deps.runs.saveState({ policy, version: version + 1, last, ...kept });
  }
  const [first] = left;
  if (first) throw new PolicyRunNotPublished(first.id, refused.get(first.id) ?? cause);
  deps.log.info('policy run ended', { policy, runId, ...counts, kinds, unread });
  return { kind: 'run', run };
}
