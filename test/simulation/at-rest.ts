import { httpEvent } from '../fakes/lambda.ts';
import { type Callers, CHEAT } from './callers.ts';
import type { Deployment } from './deployment.ts';
import { keyOf } from './simulated-dynamodb.ts';
import type { World } from './world.ts';

/** An item that no version of the code has written: it must hide nothing and be left alone. */
export const UNREADABLE = {
  pk: { S: 'F#unknown' },
  sk: { S: '0' },
  dueAt: { N: '1' },
  dueShard: { S: '0' },
  status: { S: '?' },
};

/** What must hold once everything has ended: all is told, readable, answered as before, and nothing else written. */
export async function checkAtRest(world: World, deployment: Deployment, callers: Callers): Promise<void> {
  const { model, violate, dynamodb, watch } = world;
  model.atRest();
  const before = JSON.stringify([...watch.current.values()].map(({ version }) => version));
  await whileStepping(world, callers.replayAll());
  const after = JSON.stringify([...watch.current.values()].map(({ version }) => version));
  if (before !== after) violate('equal answers for equal keys', 'a replay at rest has changed an activation');
  for (const [batchId, activationIds] of callers.accepted) {
    await whileStepping(world, mustBeReadable(world, deployment, `/batches/${batchId}`, { batchId }));
    for (const activationId of activationIds) {
      await whileStepping(
        world,
        mustBeReadable(world, deployment, `/activations/${activationId}`, { activationId }),
      );
    }
  }
  if ([...dynamodb.items.keys()].some((key) => key.includes(CHEAT))) {
    violate('what was promised was done', 'a request that was refused has been written');
  }
  const unreadable = dynamodb.items.get(keyOf(UNREADABLE));
  if (unreadable !== undefined && unreadable !== UNREADABLE) {
    violate('what cannot be read is left alone', 'it was written');
  }
}

async function mustBeReadable(
  world: World,
  deployment: Deployment,
  path: string,
  pathParameters: Record<string, string>,
) {
  const routeKey = 'batchId' in pathParameters ? 'GET /batches/{batchId}' : 'GET /activations/{activationId}';
  const answer = await deployment.answer(httpEvent('GET', path, { routeKey, pathParameters }));
  const isDone = routeKey.includes('batches') ? answer?.body.includes('"done":true') : true;
  if (answer?.status !== 200 || !isDone) {
    world.violate('what was answered 202 can be read', `${path}: ${answer?.status} ${answer?.body}`);
  }
}

async function whileStepping(world: World, work: Promise<void>): Promise<void> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  while (!isDone) await world.time.step();
  await work;
}
