import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { httpEvent } from '../../support/fakes/lambda.ts';
import { CHEAT } from '../callers.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { createHttpFunction } from './http-function.ts';
import type { Load } from './load.ts';

const SECRET = Buffer.alloc(32, 9).toString('base64');
const FORGED = Buffer.alloc(32, 8).toString('base64');
const select = { flowLogIds: 'ids', account: 'account', region: 'region', metadata: '{delivery: number}' };
const source = { scheme: 'standard-webhooks', secrets: [`whsec_${SECRET}`], select };
const SOURCES = JSON.stringify({ first: source, second: source });

const answerSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ batchId: v.string(), activations: v.array(v.object({ activationId: v.string() })) }),
);

type Delivery = { sender: string; id: string; content: object };

/** Senders that repeat a delivery until they hear a 2xx, and after; and one who does not know the secret. */
export function createWebhooksInLoad(
  environment: Environment,
  deployment: Deployment,
  withinMs: number,
): Load {
  const { random, time, faults, accounts, model, watch, violate, happened } = environment;
  const receive = createHttpFunction(environment, deployment, 'webhooks', (functions) =>
    functions.receiver(SOURCES),
  );
  let sending = 0;
  const batchOf = new Map<string, string>();

  const post = async ({ sender, id, content }: Delivery, secret: string) => {
    const body = JSON.stringify(content);
    const timestamp = String(Math.floor(time.now / 1_000));
    const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${timestamp}.${body}`);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${mac.digest('base64')}`,
    };
    const pathParameters = { source: sender };
    const routeKey = 'POST /webhooks/{source}';
    return receive.invoke(
      httpEvent('POST', `/webhooks/${sender}`, { routeKey, pathParameters, headers, body }),
    );
  };

  const hear = ({ sender, id }: Delivery, body: string) => {
    const { batchId, activations } = v.parse(answerSchema, body);
    const ids = activations.map(({ activationId }) => activationId);
    const isFirst = model.answered(`webhook ${sender} ${id}`, JSON.stringify([batchId, ids]));
    happened(isFirst ? 'delivery accepted' : 'delivery accepted again', id);
    const owner = batchOf.get(batchId) ?? `${sender} ${id}`;
    batchOf.set(batchId, owner);
    if (owner !== `${sender} ${id}` || watch.batches.get(batchId)?.source !== `webhook:${sender}`) {
      violate('one batch for a delivery', `${batchId} for ${owner}, and for ${sender} ${id}`);
    }
  };

  const send = async (delivery: Delivery) => {
    for (;;) {
      const answer = await post(delivery, SECRET);
      const isLost = faults.strike('http: answer lost');
      if (answer?.status === 202) hear(delivery, answer.body);
      if (answer?.status === 202 && !isLost) return;
      if (answer && ![202, 500, 503].includes(answer.status)) {
        violate('what was promised was done', `a delivery was answered ${answer.status} ${answer.body}`);
      }
      await time.sleep(random.integer(500, 30_000));
    }
  };

  const forge = async (delivery: Delivery) => {
    const answer = await post({ ...delivery, content: { ids: [CHEAT] } }, FORGED);
    if (answer && ![401, 500].includes(answer.status)) {
      violate('what was promised was done', `a forged delivery was answered ${answer.status}`);
    }
    happened('delivery forged', delivery.id);
  };

  const begin = (atMs: number, run: () => Promise<void>) => {
    sending += 1;
    time.after(atMs, async () => {
      await run();
      sending -= 1;
    });
  };

  const own = accounts.scopes().filter(({ account }) => account === 'default');
  for (let number = random.integer(1, 4); number > 0; number -= 1) {
    const scope = random.pick(own) ?? accounts.scopeOf('');
    const all = accounts.idsOf(scope);
    const some = all.filter(() => random.chance(0.6));
    const ids = some.length > 0 ? some : all;
    if (ids.length === 0) continue;
    // Two senders may use the same ids for what has nothing to do with each other.
    const id = `delivery-${random.integer(1, 2)}-${ids.join()}`.replaceAll(',', '-');
    const sender = random.pick(['first', 'second'] as const);
    const delivery = { sender, id, content: { ids, ...scope, number: id } };
    const atMs = random.integer(0, withinMs);
    for (let times = random.pick([1, 2, 2, 3] as const); times > 0; times -= 1) {
      begin(atMs + random.integer(0, random.pick([0, 0, 60_000])), () => send(delivery));
    }
    if (random.chance(0.2)) begin(atMs, () => forge(delivery));
  }

  return {
    isDone: () => sending === 0,
    async atRest() {
      const started = [...watch.batches.values()].filter((batch) => batch.source.startsWith('webhook:'));
      for (const [id, own] of Map.groupBy(started, (batch) => `${batch.source} ${batch.metadata.delivery}`)) {
        if (own.length > 1) violate('one batch for a delivery', `${id} has started ${own.length}`);
      }
    },
  };
}
