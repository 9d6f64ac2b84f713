import * as v from 'valibot';
import {
  ACTIVATION_STATUSES,
  type Activation,
  hasDrifted,
  isOpen,
} from '../../../lib/activation/model/activation.ts';
import { FAILURE_REASONS, type FailureReason } from '../../../lib/activation/model/outcome.ts';
import { listKeyOf } from '../../../lib/aws/item-key.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';
import { INDEX_LAG_MS } from '../../support/virtual/simulated-dynamodb.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { mayListSo } from '../known-faults.ts';
import type { Load } from './load.ts';

type Query = {
  status?: string;
  flowLogId?: string;
  batchId?: string;
  account?: string;
  region?: string;
  reason?: FailureReason;
  drift?: 'true';
};
type Shown = { activationId: string; status: string };

const pageSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    activations: v.array(v.object({ activationId: v.string(), status: v.string() })),
    nextCursor: v.optional(v.string()),
  }),
);
const OPEN_STATUSES = ['queued', 'pending'] as const;
/** The lists of what a person may have to do something about. */
const ATTENTION: readonly Query[] = [...FAILURE_REASONS.map((reason) => ({ reason })), { drift: 'true' }];
const EXCUSED = [undefined, 404, 500, 503];
/** Pages may be empty: what they held has another status by now. Beyond one for each activation. */
const EMPTY_PAGES_LIMIT = 200;

/** Those who read `GET /activations` page by page while it changes: nothing is shown twice, and what stands still is shown. */
export function createListLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, watch } = environment;
  let walking = 0;

  const readPage = async (query: Query, limit: number, cursor: string | undefined) => {
    const queryStringParameters = { ...query, limit: String(limit), ...(cursor !== undefined && { cursor }) };
    const event = httpEvent('GET', '/activations', { queryStringParameters });
    const answer = await deployment.answer(event);
    if (answer?.status === 200)
      return { ...v.parse(pageSchema, answer.body), mayBeWrong: mayListSo(answer.invocation) };
    if (!EXCUSED.includes(answer?.status)) {
      environment.violate(
        'a list repeats nothing and hides nothing',
        `answered ${answer?.status} ${answer?.body}`,
      );
    }
    return undefined;
  };

  /** Undefined when a page was refused in the middle once too often, or came from a version that hides some. */
  const walk = async (query: Query, pauseMs: number): Promise<Shown[] | undefined> => {
    const limit = random.pick([1, 1, 2, 3, 50]);
    const shown: Shown[] = [];
    let mayBeWrong = false;
    let cursor: string | undefined;
    const most = watch.current.size + watch.archived.size + EMPTY_PAGES_LIMIT;
    for (let pages = 0; pages < most; pages += 1) {
      const page = (await readPage(query, limit, cursor)) ?? (await readPage(query, limit, cursor));
      if (page === undefined) return undefined;
      if (page.activations.length > limit) {
        environment.violate(
          'a list repeats nothing and hides nothing',
          `${page.activations.length} of ${limit}`,
        );
      }
      mayBeWrong ||= page.mayBeWrong;
      shown.push(...page.activations);
      cursor = page.nextCursor;
      if (cursor === undefined) return mayBeWrong ? undefined : shown;
      if (pauseMs > 0) await time.sleep(random.integer(0, pauseMs));
    }
    if (!mayBeWrong)
      environment.violate('a list repeats nothing and hides nothing', `${JSON.stringify(query)} has no end`);
    return undefined;
  };

  const check = (query: Query, shown: Shown[], standing: readonly Activation[]) => {
    const ids = shown.map(({ activationId }) => activationId);
    const about = JSON.stringify(query);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice)
      environment.violate('a list repeats nothing and hides nothing', `${about} shows ${twice} twice`);
    const hidden = standing.find(({ activationId }) => !ids.includes(activationId));
    if (hidden) {
      environment.violate(
        'a list repeats nothing and hides nothing',
        `${about} hides ${hidden.activationId}`,
      );
    }
    const other = shown.find(({ status }) => query.status !== undefined && status !== query.status);
    if (other) environment.violate('a list repeats nothing and hides nothing', `${about}: ${other.status}`);
  };

  const fits = (query: Query, one: Activation) => {
    const { status, flowLogId, batchId, joiners } = one;
    return (
      (query.status ?? status) === status &&
      (query.account ?? one.account) === one.account &&
      (query.reason === undefined || (one.reason === query.reason && !one.archived)) &&
      (query.drift === undefined || (hasDrifted(one) && !one.archived)) &&
      (query.flowLogId ?? flowLogId) === flowLogId &&
      (query.batchId === undefined || [batchId, ...joiners].includes(query.batchId))
    );
  };

  /** A copy that was archived in vain is not the activation, which is still the current one. */
  const isPast = ({ activationId, flowLogId }: Activation) =>
    watch.current.get(flowLogId)?.activationId !== activationId;
  const everything = () => [...watch.current.values(), ...[...watch.archived.values()].filter(isPast)];
  /** An activation stays in its place while it is open, and once it has ended; in a list of one status, while untouched. */
  const placeOf = (query: Query, { activationId, archived, status, generation, version }: Activation) =>
    query.status === undefined && query.reason === undefined && query.drift === undefined
      ? [activationId, archived === true, isOpen({ status }) ? 'open' : status, generation].join()
      : [activationId, archived === true, version].join();
  const places = (query: Query) =>
    new Map(
      everything()
        .filter((activation) => fits(query, activation))
        .map((one) => [placeOf(query, one), one]),
    );

  /** A batch with several that are open in the same way: while its pages are read, some of them end. */
  const drawCrowded = (): Query | undefined => {
    const open = [...watch.current.values()].filter(isOpen);
    const crowds = [...watch.batches.keys()].flatMap((batchId) =>
      OPEN_STATUSES.map((status) => ({ batchId, status })).filter(
        (query) => open.filter((one) => fits(query, one)).length > 1,
      ),
    );
    return random.pick(crowds);
  };

  const drawQuery = (): Query => {
    const crowded = random.chance(0.5) ? drawCrowded() : undefined;
    if (crowded) return crowded;
    const batchId = random.pick([...watch.batches.keys()]);
    const flowLogId = random.pick([...environment.volcengine.flowLogs.keys()]);
    const kind = random.pick([
      'all',
      'status',
      'flow log',
      'batch',
      'batch',
      'batch',
      'attention',
      'account',
    ] as const);
    const status = random.chance(0.7) ? random.pick(ACTIVATION_STATUSES) : undefined;
    if (kind === 'batch' && batchId) return { batchId, ...(status && { status }) };
    if (kind === 'flow log' && flowLogId)
      return { flowLogId, ...environment.accounts.scopeOf(flowLogId), ...(status && { status }) };
    // A released version does not know these filters, and what it has written is not in the index.
    if (environment.rollout.release === undefined) {
      if (kind === 'attention') return { reason: random.pick(FAILURE_REASONS) };
      if (kind === 'account' && flowLogId) {
        const { account } = environment.accounts.scopeOf(flowLogId);
        return { account, ...(status && { status }) };
      }
    }
    return kind === 'status' && status ? { status } : {};
  };

  const walkWhileThingsChange = () => {
    const query = drawQuery();
    const before = places(query);
    walking += 1;
    // What stands still for as long as an index may lag behind is to be seen from the first page to the last.
    time.after(INDEX_LAG_MS + 1, async () => {
      const shown = await walk(query, 20_000);
      walking -= 1;
      if (shown === undefined) return;
      const after = places(query);
      check(
        query,
        shown,
        [...before].filter(([place]) => after.has(place)).map(([, one]) => one),
      );
      environment.happened(query.batchId ? 'list of a batch walked to its end' : 'list walked to its end');
    });
  };
  for (let times = random.integer(2, 8); times > 0; times -= 1) {
    time.after(random.integer(0, 2 * withinMs), walkWhileThingsChange);
  }

  return {
    isDone: () => walking === 0,
    async atRest() {
      const all = [...new Map(everything().map((one) => [one.activationId, one])).values()];
      const newestFirst = all.map(listKeyOf).sort().reverse();
      const shown = await walk({}, 0);
      if (shown === undefined && environment.rollout.share > 0) return;
      const found = new Map(all.map((one) => [one.activationId, listKeyOf(one)]));
      const listed = (shown ?? []).map(({ activationId }) => found.get(activationId));
      if (JSON.stringify(listed) !== JSON.stringify(newestFirst)) {
        environment.violate(
          'a list repeats nothing and hides nothing',
          `${listed} at rest, not ${newestFirst}`,
        );
      }
      // What a released version has written is not in the index.
      if (environment.rollout.release !== undefined) return;
      for (const query of ATTENTION) {
        const wanted = all.filter((one) => fits(query, one)).map(({ activationId }) => activationId);
        const ids = (await walk(query, 0))?.map(({ activationId }) => activationId);
        if (ids && JSON.stringify(ids.sort()) !== JSON.stringify(wanted.sort())) {
          environment.violate(
            'a list repeats nothing and hides nothing',
            `${JSON.stringify(query)}: ${ids} at rest, not ${wanted}`,
          );
        }
      }
    },
  };
}
