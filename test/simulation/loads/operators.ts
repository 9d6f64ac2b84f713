import * as v from 'valibot';
import { FAILURE_REASONS } from '../../../lib/activation/model/outcome.ts';
import { operationSchema, requestedOperationSchema } from '../../../lib/api/responses/operation-responses.ts';
import { httpEvent, ROLE_SESSION } from '../../support/fakes/lambda.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { HttpResponse } from './http-function.ts';
import type { Load } from './load.ts';

const SHARE_OF_ABORTS = 0.4;
/** The timeout of the functions of the API, and more. */
const INVOCATION_ENDS_MS = 60_000;
const SHARE_OF_REPEATS = 0.3;
const EXCUSED = [undefined, 500, 503];

const json = <Schema extends v.GenericSchema>(schema: Schema) => v.pipe(v.string(), v.parseJson(), schema);

/**
 * Operators: they start operations, repeat their requests, and abort some of them at any time; and they pause an account
 * for a while.
 */
export function createOperatorLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, faults, loads, watch, accounts, violate, happened } = environment;
  const { redrives, operations, pauses, model } = environment;
  const ids = new Map<string, string>();
  const ends: (() => void)[] = [];
  let busy = 0;

  const send = async (
    routeKey: string,
    by: string,
    change: { body?: object; pathParameters?: Record<string, string>; key?: string; query?: object } = {},
  ): Promise<HttpResponse | undefined> => {
    const [method = '', path = ''] = routeKey.split(' ');
    const { body, pathParameters = {}, key, query } = change;
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
    const event = httpEvent(
      method,
      path,
      {
        headers,
        pathParameters,
        ...(body && { body: JSON.stringify(body) }),
        ...(query && { queryStringParameters: { ...query } }),
      },
      { iam: { ...ROLE_SESSION, callerId: by, userArn: by } },
    );
    for (;;) {
      const answer = await deployment.answer(event);
      if (!EXCUSED.includes(answer?.status)) return answer;
      if (faults.isOn && method !== 'DELETE' && random.chance(0.2)) return undefined;
      await time.sleep(random.integer(500, 10_000));
    }
  };

  const drawFilter = (action: string) => {
    const flowLogId = random.pick([...environment.volcengine.flowLogs.keys()]) ?? 'fl-1';
    const scope = accounts.scopeOf(flowLogId);
    const batchId = random.pick([...watch.batches.keys()]);
    const own = action === 'redrive' ? { reason: random.pick(FAILURE_REASONS) } : { held: true };
    return random.pick([
      { all: true },
      { all: true },
      own,
      { account: scope.account },
      { flowLogIds: [flowLogId], ...scope },
      ...(batchId ? [{ batchId }] : []),
    ]);
  };

  const follow = async (by: string, operationId: string) => {
    const pathParameters = { operationId };
    if (random.chance(SHARE_OF_ABORTS)) {
      await time.sleep(random.pick([0, random.integer(0, 3_000), random.integer(0, 60_000)]));
      const answer = await send('DELETE /operations/{operationId}', by, { pathParameters });
      if (answer?.status === 202) happened('operation aborted', operationId);
      else if (answer) violate('what was promised was done', `an abort was answered ${answer.status}`);
    }
    const answer = await send('GET /operations/{operationId}', by, { pathParameters });
    if (answer && answer.status !== 200)
      violate('what was answered 202 can be read', `${operationId}: ${answer.status}`);
  };

  const start = async (number: number) => {
    const by = `arn:aws:iam::123456789012:user/operator-${number}`;
    const action = random.pick(['redrive', 'redrive', 'cancel', 'retry-now']);
    const filter = drawFilter(action);
    const body = { action, filter, ...(random.chance(0.2) && { limit: random.integer(1, 3) }) };
    const key = random.chance(0.7) ? `operation-${number}` : undefined;
    // It may redrive from the moment at which it is stored, until it has ended.
    const end = redrives.asked({ reason: 'reason' in filter ? filter.reason : undefined });
    const answer = await send('POST /operations', by, { body, ...(key && { key }) });
    ends.push(end);
    if (answer === undefined) return;
    if (answer.status !== 202) {
      violate('what was promised was done', `an operation was answered ${answer.status} ${answer.body}`);
      return;
    }
    const { operationId } = v.parse(json(requestedOperationSchema), answer.body);
    happened('operation started', `${operationId} ${JSON.stringify(body)}`);
    ids.set(by, operationId);
    if (key && random.chance(SHARE_OF_REPEATS)) {
      const again = await send('POST /operations', by, { body, key });
      const id = again && v.parse(json(requestedOperationSchema), again.body).operationId;
      if (id) model.answered(`operation ${by}`, operationId) && model.answered(`operation ${by}`, id);
    }
    await follow(by, operationId);
  };
  const pause = async () => {
    const by = 'arn:aws:iam::123456789012:user/operator';
    const { account } = accounts.scopeOf(random.pick([...environment.volcengine.flowLogs.keys()]) ?? 'fl-1');
    const pathParameters = { alias: account };
    const answer = await send('PUT /accounts/{alias}/pause', by, { pathParameters, body: { why: 'why' } });
    if (answer?.status === 200) {
      happened('account paused', account);
      pauses?.paused(account);
      await time.sleep(random.integer(5_000, 60_000));
    } else {
      // What nobody knows the end of may still be written, until its invocation ends.
      await time.sleep(INVOCATION_ENDS_MS);
    }
    pauses?.resumed(account);
    const resume = () => send('DELETE /accounts/{alias}/pause', by, { pathParameters });
    // An account that is not configured for a while can be resumed when it is again.
    while ((await resume())?.status !== 200) await time.sleep(10_000);
    happened('account resumed', account);
  };

  const later = (within: number, deed: () => Promise<unknown>) => {
    busy += 1;
    time.after(random.integer(0, within), async () => {
      await deed();
      busy -= 1;
    });
  };
  for (let number = random.integer(1, 4); number > 0; number -= 1) later(2 * withinMs, () => start(number));
  // A schedule that comes meanwhile is not made up for.
  if (!loads.has('schedules') && random.chance(0.4)) later(withinMs, pause);

  const hasEnded = () => operations.all().every(({ stored }) => stored.finishedAt !== undefined);

  const checkRefusals = async (operationId: string, refused: number) => {
    let listed = 0;
    let cursor: string | undefined;
    do {
      const event = httpEvent('GET', `/operations/${operationId}`, {
        routeKey: 'GET /operations/{operationId}',
        pathParameters: { operationId },
        ...(cursor && { queryStringParameters: { cursor } }),
      });
      const answer = await deployment.answer(event);
      if (answer?.status !== 200) {
        violate('what was answered 202 can be read', `${operationId}: ${answer?.status} ${answer?.body}`);
        return;
      }
      const page = v.parse(json(operationSchema), answer.body);
      listed += page.refusals.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    if (listed !== refused)
      violate('an operation counts what it did', `${operationId}: ${listed} of ${refused} are listed`);
  };

  return {
    isDone() {
      const isDone = busy === 0 && hasEnded();
      if (isDone) for (const end of ends.splice(0)) end();
      return isDone;
    },
    async atRest() {
      for (const [by, operationId] of ids) {
        const known = operations.all().find(({ stored }) => stored.operationId === operationId);
        if (known === undefined) {
          violate('what was answered 202 can be read', `${operationId} of ${by}`);
          continue;
        }
        const { stored, taken, written } = known;
        const { status, limit, done, refused } = stored;
        const decided = done + refused;
        const isWhole = status === 'completed' && limit === undefined;
        if (decided > taken.size || (isWhole && decided < taken.size) || done < written.size) {
          const counts = `${done} done, ${refused} refused, ${taken.size} in hand, ${written.size} written`;
          violate('an operation counts what it did', `${operationId} ${status}: ${counts}`);
        }
        await checkRefusals(operationId, refused);
      }
    },
  };
}
