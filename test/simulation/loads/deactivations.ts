import * as v from 'valibot';
import { belongsTo, isOpen } from '../../../lib/activation/model/activation.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { HttpResponse } from './http-function.ts';
import type { Load } from './load.ts';

const LOOK_EVERY_MS = 2_000;
const SHARE_OF_REPEATS = 0.3;
const SHARE_OF_RETURNS = 0.6;
const RETURNS_WITHIN_MS = 600_000;

const acceptedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ batchId: v.string(), activations: v.array(v.object({ activationId: v.string() })) }),
);
const refusedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    open: v.pipe(v.array(v.object({ flowLogId: v.string(), desired: v.string() })), v.nonEmpty()),
  }),
);

/**
 * People who have flow logs switched off, mostly such as have just become Active, and some on again as soon as they are
 * off: what a replica shows late is then of another request.
 */
export function createDeactivationLoad(
  environment: Environment,
  deployment: Deployment,
  withinMs: number,
): Load {
  const { random, time, faults, watch, accounts, model, violate, happened } = environment;
  let busy = 0;

  const post = (path: string, key: string | undefined, flowLogIds: string[]) => {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
    const metadata = { source: 'deactivations' };
    const body = JSON.stringify({ flowLogIds, metadata, ...accounts.scopeOf(flowLogIds[0] ?? '') });
    return deployment.answer(httpEvent('POST', path, { headers, body }));
  };

  /** Until there is an answer that counts. Undefined: it is given up. */
  const insist = async (path: string, key: string | undefined, flowLogIds: string[]) => {
    for (;;) {
      const answer = await post(path, key, flowLogIds);
      const isOpposed = answer?.status === 409 && answer.body.includes('opposite-request-open');
      if (answer?.status === 202) return answer;
      if (isOpposed) checkRefusal(answer, path);
      const isOfAnother = accounts.scopeOf(flowLogIds[0] ?? '').account !== 'default';
      if (answer?.status === 422 && isOfAnother) return undefined;
      if (!isOpposed && ![undefined, 500, 503].includes(answer?.status)) {
        violate('what was promised was done', `POST ${path} answered ${answer?.status} ${answer?.body}`);
        return undefined;
      }
      if (random.chance(faults.isOn ? 0.3 : 0.1)) return undefined;
      await time.sleep(random.integer(500, 20_000));
    }
  };

  const checkRefusal = ({ body }: HttpResponse, path: string) => {
    const { open } = v.parse(refusedSchema, body);
    const other = path === '/deactivations' ? 'Active' : 'Inactive';
    if (open.some(({ desired }) => desired !== other)) {
      violate('what was promised was done', `POST ${path}: ${body}`);
    }
    happened('deactivation refused: the other direction is open', body);
  };

  const hear = (answer: HttpResponse, desired: 'Inactive' | undefined, key: string | undefined) => {
    const { batchId, activations } = v.parse(acceptedSchema, answer.body);
    const ids = activations.map(({ activationId }) => activationId);
    for (const activationId of ids) {
      const found = watch.find(activationId);
      if (!found || !belongsTo(found, batchId)) {
        violate('what was answered 202 can be read', `${activationId} of ${batchId}`);
      }
      if (found && found.desired !== desired) {
        violate('nobody joins the other direction', `${activationId} of ${batchId}`);
      }
    }
    if (key) model.answered(`${key} ${desired}`, JSON.stringify([batchId, ids]));
  };

  const deactivate = async (flowLogIds: string[], number: number) => {
    // Also the keys of those who activate: they are other keys.
    const key = random.pick([`key-${number}`, `off-${number}`, undefined]);
    happened('deactivation asked for', `${flowLogIds} ${key}`);
    const answer = await insist('/deactivations', key, flowLogIds);
    if (answer === undefined) return;
    hear(answer, 'Inactive', key);
    if (key && random.chance(SHARE_OF_REPEATS)) {
      const again = await post('/deactivations', key, flowLogIds);
      if (again?.status === 202) hear(again, 'Inactive', key);
    }
    if (!random.chance(SHARE_OF_RETURNS)) return;
    const isStillOpen = (id: string) => {
      const current = watch.current.get(id);
      return current !== undefined && isOpen(current);
    };
    // One of an account that is refused may stay open for long.
    const until = time.now + RETURNS_WITHIN_MS;
    while (time.now < until && flowLogIds.some(isStillOpen)) await time.sleep(LOOK_EVERY_MS);
    const backKey = `on-${number}`;
    const back = await insist('/activations', backKey, flowLogIds);
    if (back === undefined) return;
    hear(back, undefined, backKey);
    happened('activated again after its deactivation', `${flowLogIds}`);
  };

  /** Waits for one that has completed, for a while; then takes any. */
  const target = async (): Promise<string[]> => {
    const scope = random.pick(accounts.scopes()) ?? accounts.scopeOf('');
    const ids = accounts.idsOf(scope);
    const until = time.now + random.integer(0, 120_000);
    while (time.now < until) {
      const on = ids.filter((id) => {
        const { status, desired } = watch.current.get(id) ?? {};
        return status === 'completed' && desired === undefined;
      });
      if (on.length > 0) return on.filter((_, index) => index === 0 || random.chance(0.5));
      await time.sleep(LOOK_EVERY_MS);
    }
    const some = ids.filter(() => random.chance(0.5));
    return some.length > 0 ? some : ids;
  };

  for (let number = random.integer(1, 5); number > 0; number -= 1) {
    busy += 1;
    time.after(random.integer(0, withinMs), async () => {
      const flowLogIds = await target();
      if (flowLogIds.length > 0) await deactivate(flowLogIds, number);
      busy -= 1;
    });
  }

  return { isDone: () => busy === 0, atRest: async () => {} };
}
