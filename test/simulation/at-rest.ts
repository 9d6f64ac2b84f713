import { httpEvent } from '../support/fakes/lambda.ts';
import { keyOf } from '../support/virtual/table-index.ts';
import { type Callers, CHEAT } from './callers.ts';
import type { Deployment } from './deployment.ts';
import { isInOrder, isOpen } from './drift-watch.ts';
import type { Environment } from './environment.ts';
import type { Load } from './loads/load.ts';

/** An item that no version of the code has written: it must hide nothing and be left alone. */
export const UNREADABLE = {
  pk: { S: 'F#unknown' },
  sk: { S: '0' },
  dueAt: { N: '1' },
  dueShard: { S: '0' },
  status: { S: '?' },
};

/** Of any two containers. */
const CLOCKS_DIFFER_MS = 10_000;

/** What must hold once everything has ended: all is told, readable, answered as before, and nothing else written. */
export async function checkAtRest(
  environment: Environment,
  deployment: Deployment,
  callers: Callers,
  loads: readonly Load[],
): Promise<void> {
  const { model, violate, dynamodb, watch } = environment;
  // No replica shows any more what was before the last end.
  await whileStepping(
    environment,
    environment.time.sleep(environment.policy.replicaLagMs + CLOCKS_DIFFER_MS),
  );
  const checkedAt = environment.time.now;
  await whileStepping(environment, checkWholeTable(environment, deployment, loads));
  checkNoDriftUnnoticed(environment, checkedAt);
  model.atRest();
  watch.onWrite = ({ kind, name }) => {
    if (name.startsWith('http')) violate('equal answers for equal keys', `a replay at rest: ${kind}`);
  };
  await whileStepping(environment, callers.replayAll());
  watch.onWrite = () => {};
  for (const [batchId, activationIds] of callers.accepted) {
    await whileStepping(
      environment,
      mustBeReadable(environment, deployment, `/batches/${batchId}`, { batchId }),
    );
    for (const activationId of activationIds) {
      await whileStepping(
        environment,
        mustBeReadable(environment, deployment, `/activations/${activationId}`, { activationId }),
      );
    }
  }
  for (const load of loads) await whileStepping(environment, load.atRest());
  if ([...dynamodb.items.keys()].some((key) => key.includes(CHEAT))) {
    violate('what was promised was done', 'a request that was refused has been written');
  }
  const { ticks } = environment;
  if (ticks) await whileStepping(environment, ticks.mustSleep(deployment.invokePoller));
  const lost = environment.unreadable.find(
    (body) => body !== '' && !environment.sqs.poisoned.bodies.includes(body),
  );
  if (lost !== undefined) violate('what nobody can read is kept', lost);
  const unreadable = dynamodb.items.get(keyOf(UNREADABLE));
  if (unreadable !== undefined && unreadable !== UNREADABLE) {
    violate('what cannot be read is left alone', 'it was written');
  }
}

/** One more check of everything, and what it finds told, to endpoints too. */
async function checkWholeTable(
  { dynamodb, time }: Environment,
  deployment: Deployment,
  loads: readonly Load[],
): Promise<void> {
  const isWhole = () => dynamodb.items.get('C#check-drift 0')?.cursor === undefined;
  const checkToTheEnd = async () => {
    do await deployment.checkDrift();
    while (!isWhole());
  };
  // What is under way began in the middle.
  if (!isWhole()) await checkToTheEnd();
  await checkToTheEnd();
  const isTold = () =>
    [...dynamodb.items.values()].every((item) => item.dueAt === undefined || item === UNREADABLE);
  while (!isTold() || !loads.every((load) => load.isDone())) await time.sleep(1_000);
}

/** Of those that have not changed since the check began. */
function checkNoDriftUnnoticed({ watch, volcengine, violate, time }: Environment, checkedAt: number): void {
  for (const { activationId, flowLogId, status, desired, drift } of watch.current.values()) {
    // It is meant to be off.
    if (desired !== undefined) continue;
    const sight = volcengine.flowLogs.get(flowLogId)?.sightsSince(time.now).at(-1);
    if (status !== 'completed' || sight === undefined || sight.status === 'Pending') continue;
    // While a lock is being lifted, Inactive says as little as Pending.
    if (sight.isRestoring && sight.status === 'Inactive') continue;
    if (sight.at >= checkedAt) continue;
    // Refused like any id that is no id: nobody can tell.
    if (sight.status === 'absent' && volcengine.habits.unknownId === 'malformed') continue;
    if (isOpen(drift) === isInOrder(sight)) {
      violate('no drift goes unnoticed', `${activationId}: ${JSON.stringify({ drift, sight })}`);
    }
  }
}

async function mustBeReadable(
  environment: Environment,
  deployment: Deployment,
  path: string,
  pathParameters: Record<string, string>,
) {
  const routeKey = 'batchId' in pathParameters ? 'GET /batches/{batchId}' : 'GET /activations/{activationId}';
  const answer = await deployment.answer(httpEvent('GET', path, { routeKey, pathParameters }));
  const isDone = routeKey.includes('batches') ? answer?.body.includes('"done":true') : true;
  if (answer?.status !== 200 || !isDone) {
    environment.violate('what was answered 202 can be read', `${path}: ${answer?.status} ${answer?.body}`);
  }
}

/** The work goes on while virtual time does. */
export async function whileStepping(environment: Environment, work: Promise<void>): Promise<void> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  while (!isDone) await environment.time.step();
  await work;
}
