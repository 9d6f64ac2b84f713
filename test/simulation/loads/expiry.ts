import * as v from 'valibot';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import { belongsTo } from '../../../lib/activation/model/activation.ts';
import type { Batch } from '../../../lib/activation/model/batch.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { Load } from './load.ts';

const DAY_MS = 86_400_000;
const BATCH_LIFE_MS = 90 * DAY_MS;
/** A day less: what ends in this very day may be either. */
const ARCHIVE_LIFE_MS = 399 * DAY_MS;
const LEAPS_DAYS = [1, 89, 91, 200, 320, 401] as const;
/** Beyond one for each activation. */
const EMPTY_PAGES_LIMIT = 100;
/** By then whoever asks once more has asked. */
const QUIET_AFTER_MS = 300_000;

const replaySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ batchId: v.string(), activations: v.array(v.object({ activationId: v.string() })) }),
);
const batchSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ done: v.boolean(), counts: v.record(v.string(), v.number()), total: v.number() }),
);
const pageSchema = v.pipe(v.string(), v.parseJson(), v.object({ nextCursor: v.optional(v.string()) }));

/** Months and years after everything has come to rest: what has expired is deleted late and piece by piece. */
export function createExpiryLoad(environment: Environment, deployment: Deployment): Load {
  const { random, time, watch, violate, dynamodb, happened } = environment;
  /** When the life of a batch began anew. */
  const promisedAt = new Map<string, number>();
  const ageOf = ({ batchId, createdAt }: Batch) => time.now - (promisedAt.get(batchId) ?? createdAt);

  const get = (path: string, routeKey: string, more: Parameters<typeof httpEvent>[2]) =>
    deployment.answer(httpEvent('GET', path, { routeKey, ...more }));

  /** Whether every activation of the batch is there, and stays so for today. */
  const isKept = ({ batchId, flowLogs }: Batch) =>
    flowLogs.every(({ flowLogId }) => {
      const current = watch.current.get(flowLogId);
      if (current && belongsTo(current, batchId)) return true;
      const isCopy = (one: Activation) => one.flowLogId === flowLogId && belongsTo(one, batchId);
      const copy = [...watch.archived.values()].find(isCopy);
      return copy !== undefined && (copy.finishedAt ?? 0) + ARCHIVE_LIFE_MS > time.now;
    });

  const idsOf = ({ batchId, flowLogs }: Batch) =>
    flowLogs.map(({ flowLogId }) => {
      const current = watch.current.get(flowLogId);
      if (current && belongsTo(current, batchId)) return current.activationId;
      const isOwn = (one: Activation) => one.flowLogId === flowLogId && belongsTo(one, batchId);
      return [...watch.archived.values()].find(isOwn)?.activationId;
    });

  const replay = async (batch: Batch) => {
    const { metadata, flowLogs } = batch;
    const [{ account, region } = { account: '', region: '' }] = flowLogs;
    const headers = { 'content-type': 'application/json', 'idempotency-key': metadata.source };
    const flowLogIds = flowLogs.map(({ flowLogId }) => flowLogId);
    const body = JSON.stringify({ flowLogIds, metadata, account, region });
    const [wasKept, ids] = [isKept(batch), idsOf(batch)];
    const wasOver = ageOf(batch) >= BATCH_LIFE_MS;
    const answer = await deployment.answer(httpEvent('POST', '/activations', { headers, body }));
    if (answer?.status !== 202) {
      violate('what expires does so as promised', `a replay was answered ${answer?.status} ${answer?.body}`);
      return;
    }
    const { batchId, activations } = v.parse(replaySchema, answer.body);
    const answered = activations.map(({ activationId }) => activationId);
    if (batchId !== batch.batchId || (wasKept && JSON.stringify(answered) !== JSON.stringify(ids))) {
      violate('what expires does so as promised', `${batch.batchId} ${ids} is now ${batchId} ${answered}`);
    }
    if (wasOver) promisedAt.set(batchId, time.now);
    happened(wasKept ? 'old key used again' : 'key used again after all has expired', batchId);
  };

  const readBatch = async (batch: Batch) => {
    const { batchId } = batch;
    const answer = await get(`/batches/${batchId}`, 'GET /batches/{batchId}', {
      pathParameters: { batchId },
    });
    const since = ageOf(batch);
    if (answer?.status === 404 && since >= BATCH_LIFE_MS) {
      happened('batch expired', batchId);
      return;
    }
    if (answer?.status !== 200) {
      violate('what expires does so as promised', `${batchId} after ${since} ms: ${answer?.status}`);
      return;
    }
    const { done, counts } = v.parse(batchSchema, answer.body);
    if (!done || counts.queued !== 0) {
      violate('what expires does so as promised', `${batchId} was done: ${answer.body}`);
    }
  };

  const walk = async (query: Record<string, string>) => {
    let cursor: string | undefined;
    const most = watch.current.size + watch.archived.size + EMPTY_PAGES_LIMIT;
    for (let pages = 0; pages < most; pages += 1) {
      const queryStringParameters = { ...query, limit: '2', ...(cursor !== undefined && { cursor }) };
      const answer = await get('/activations', 'GET /activations', { queryStringParameters });
      if (answer?.status === 404 && query.batchId !== undefined) return;
      if (answer?.status !== 200) {
        violate('what expires does so as promised', `${JSON.stringify(query)}: ${answer?.status}`);
        return;
      }
      cursor = v.parse(pageSchema, answer.body).nextCursor;
      if (cursor === undefined) return;
    }
    violate('what expires does so as promised', `${JSON.stringify(query)} has no end`);
  };

  const checkClaims = () => {
    const { items } = dynamodb;
    const lost = [...watch.current.values()].find(
      ({ account, region, flowLogId }) => !items.has(`F#${account}#${region}#${flowLogId} 0`),
    );
    if (lost) violate('what expires does so as promised', `the claim of ${lost.flowLogId} is gone`);
  };

  return {
    isDone: () => true,
    atRest: async () => {},
    async years(settle) {
      // Who asks while months pass begins the life of a batch anew, and what is promised to the others then is another.
      await time.sleep(QUIET_AFTER_MS);
      await settle();
      environment.listenTo(['what expires does so as promised', 'no failure without a fault']);
      dynamodb.isExpiring = true;
      const batches = [...watch.batches.values()].filter(({ metadata }) =>
        metadata.source?.startsWith('key-'),
      );
      for (let leaps = random.integer(2, 4); leaps > 0; leaps -= 1) {
        time.leap(random.pick(LEAPS_DAYS) * DAY_MS + random.integer(0, DAY_MS));
        happened('months passed');
        const isLate = random.chance(0.5);
        if (!isLate) dynamodb.expireAll();
        for (const batch of batches) {
          if (random.chance(0.5)) await readBatch(batch);
          if (random.chance(0.3)) await walk({ batchId: batch.batchId });
          if (random.chance(0.3)) await replay(batch);
        }
        await walk({});
        await settle();
        // Nobody reads what expires just now.
        if (isLate) dynamodb.expireAll();
        checkClaims();
        for (const batch of batches) await readBatch(batch);
      }
    },
  };
}
