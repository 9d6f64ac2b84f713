import { beforeAll, describe, expect, test } from 'vitest';
import { decideDrift } from '../../lib/activation/drift/drift.ts';
import type { Activation, FlowLogRef } from '../../lib/activation/model/activation.ts';
import type { Batch } from '../../lib/activation/model/batch.ts';
import { clearOutbox, complete, fail } from '../../lib/activation/model/endings.ts';
import { InvalidCursor } from '../../lib/activation/model/errors.ts';
import type { ListFilter } from '../../lib/activation/model/list-filter.ts';
import type { ActivationStore, DuePage } from '../../lib/activation/model/ports.ts';
import { reopen, retryLater } from '../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../lib/activation/model/transitions.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../support/fakes/activations.ts';
import { InMemoryActivationStore } from '../support/fakes/in-memory-activation-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const endWith = endAfterAll();

async function startStore(): Promise<ActivationStore> {
  const { client, tableName } = await startTable(endWith);
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };
  return createDynamoDbActivationStore(client, tableName, telemetry);
}

let unique = 0;
/** A flow log that no other test has. */
const fresh = (change: Partial<Activation> = {}) =>
  anActivation({
    flowLogId: `fl-${++unique}`,
    activationId: `default.cn-beijing.fl-${unique}.${batchIdOf(1)}`,
    ...change,
  });

async function dueOf(store: ActivationStore, until: number, from = 0): Promise<DuePage> {
  const all: DuePage = { activations: [], batches: [], operations: [] };
  for await (const page of store.due({ from, until }, 3)) {
    all.activations.push(...page.activations);
    all.batches.push(...page.batches);
  }
  return all;
}

/** A later activation of the same flow log. */
const successorOf = ({ flowLogId }: Activation, number = 2) =>
  anActivation({ flowLogId, batchId: batchIdOf(number) });

const tell = (activation: Activation) =>
  clearOutbox(activation, new Map(activation.outbox.map((entry) => [entry, START])));

const aBatch = (number: number): Batch => ({
  batchId: batchIdOf(number),
  bodyHash: 'hash',
  flowLogs: [flowLogOf('fl-a'), flowLogOf('fl-b')],
  metadata: { a: '1' },
  source: 'api',
  createdAt: START,
  version: 1,
  dueAt: START,
});

const idsOf = (activations: Activation[]) => activations.map(({ activationId }) => activationId);

describe.each([
  ['the in-memory fake', async () => new InMemoryActivationStore()],
  ['DynamoDB', startStore],
] as const)('the activation store: %s', (_name, start) => {
  let store: ActivationStore;
  beforeAll(async () => {
    store = await start();
  });

  async function opened(activation = fresh()): Promise<Activation> {
    await store.open(activation);
    return activation;
  }

  async function readBack(activation: FlowLogRef): Promise<Activation> {
    const found = await store.readCurrent(activation);
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Writes what becomes of the current one, and reads that. */
  async function changed(of: FlowLogRef, next: (current: Activation) => Activation): Promise<Activation> {
    const current = await readBack(of);
    expect(await store.transition(current, next(current))).toBe(true);
    return readBack(of);
  }

  /** The first half of a replacement. */
  async function copyToArchive(activation: Activation): Promise<void> {
    await store.replace(activation, successorOf(activation, 8));
    // The second half undone: the predecessor back in its place, with the version it had.
    await store.transition(await readBack(activation), activation);
  }

  test('keeps who asked for one, and who acted on it', async () => {
    const activation = await opened(fresh({ requestedBy: 'arn:aws:iam::123456789012:user/alice' }));
    const by = 'arn:aws:iam::123456789012:user/bob';
    const cancelled = await changed(activation, (open) => fail(open, 'cancelled', START, undefined, by));
    expect(cancelled.requestedBy).toBe(activation.requestedBy);
    expect(cancelled.history.at(-1)).toMatchObject({ event: 'failed: cancelled', by });
  });

  test('keeps when its events and its dead letter were published', async () => {
    const { published, ...failed } = tell(fail(accept(fresh(), 'req-1', START, policy), 'frozen', START));
    expect(published).toHaveLength(3);
    const drifted = { entry: 'drifted#12', at: START + 1 } as const;
    const activation = await opened({ ...failed, published: [...(published ?? []), drifted] });
    expect(await readBack(activation)).toMatchObject({ published: activation.published });
  });

  test('opens a flow log once, and reads back what was written', async () => {
    const activation = fresh({ metadata: { ticket: 'OPS-1' } });
    expect(await store.open(activation)).toBe(true);
    expect(await store.open({ ...activation, source: 'other' })).toBe(false);
    expect(await store.readCurrent(activation)).toEqual(activation);
    expect(await store.readActivation(activation.activationId)).toEqual(activation);
    expect(await store.readCurrent(flowLogOf('fl-none'))).toBeUndefined();
    expect(await store.readActivation('nonsense')).toBeUndefined();
  });

  test('a transition is refused once someone else has written', async () => {
    const activation = await opened();
    const leased = leaseForCall(activation, 'lease-1', START, policy);
    expect(await store.transition(activation, leased)).toBe(true);
    expect(await store.transition(activation, complete(activation, false, START))).toBe(false);
    expect(await store.readCurrent(activation)).toEqual({ ...leased, version: 2 });
  });

  test('an outcome survives a join in between, and keeps the joiner', async () => {
    const activation = await opened();
    const leased = await changed(activation, () => leaseForCall(activation, 'lease-1', START, policy));
    expect(await store.join(leased, batchIdOf(2))).toBe(true);
    expect(await store.recordOutcome(leased, accept(leased, 'req-1', START + 100, policy))).toBe(true);
    const pending = await store.readCurrent(activation);
    expect(pending).toMatchObject({
      status: 'pending',
      joiners: [batchIdOf(2)],
      version: 4,
      outbox: ['submitted#1'],
    });
    expect(pending).not.toHaveProperty('leaseUntil');
  });

  test('an outcome is refused to all but the attempt that holds the lease', async () => {
    const activation = await opened();
    const first = leaseForCall(activation, 'lease-1', START, policy);
    await store.transition(activation, first);
    const second = leaseForCall({ ...first, version: 2 }, 'lease-1', START + 60_000, policy);
    expect(await store.transition({ ...first, version: 2 }, second)).toBe(true);
    expect(await store.recordOutcome(first, fail(first, 'not-found', START))).toBe(false);
    expect(await store.recordOutcome(second, accept(second, 'req-2', START, policy))).toBe(true);
    expect(await store.recordOutcome(second, fail(second, 'not-found', START))).toBe(false);
  });

  test('a join is refused when the activation moved on', async () => {
    const activation = await opened();
    await store.transition(activation, complete(activation, true, START));
    expect(await store.join(activation, batchIdOf(2))).toBe(false);
  });

  test('a final activation is archived, outbox included, before a new one takes its place', async () => {
    const activation = await opened();
    const failed = await changed(activation, () =>
      fail({ ...activation, joiners: [batchIdOf(7)] }, 'frozen', START),
    );
    const next = successorOf(activation);
    expect(await store.replace(failed, next)).toBe(true);
    expect(await store.readCurrent(activation)).toEqual({ ...next, version: failed.version + 1 });
    const archived = { ...failed, archived: true };
    expect(await store.readActivation(activation.activationId)).toEqual(archived);
    expect(await store.findArchived(activation, batchIdOf(1))).toEqual(archived);
    expect(await store.findArchived(activation, batchIdOf(7))).toEqual(archived);
    expect(await store.findArchived(activation, batchIdOf(9))).toBeUndefined();
    // What the archived one still had to tell is told from the archive.
    const due = (await dueOf(store, START)).activations.find(
      ({ archived: old, flowLogId }) => old && flowLogId === activation.flowLogId,
    );
    expect(due).toEqual(archived);
    expect(await store.transition(archived, tell(archived))).toBe(true);
    expect((await dueOf(store, START)).activations.map(({ flowLogId }) => flowLogId)).not.toContain(
      activation.flowLogId,
    );
  });

  test('a replacement is refused when the final activation changed, and a stale archive never overwrites a newer one', async () => {
    const activation = await opened();
    const completed = await changed(activation, () => complete(activation, true, START));
    const told = await changed(activation, tell);
    const next = successorOf(activation);
    expect(await store.replace(completed, next)).toBe(false);
    expect(await store.replace(told, next)).toBe(true);
    expect(await store.replace(completed, next)).toBe(false);
    expect((await store.readActivation(activation.activationId))?.outbox).toEqual([]);
  });

  test('an archived copy of the same version keeps its content, so that a write that was meant for it hits nothing else', async () => {
    const activation = await opened();
    const failed = await changed(activation, () => fail(activation, 'frozen', START));
    await copyToArchive(failed);
    const told = await changed(activation, tell);
    const copyOf = async () =>
      (await store.findArchived(activation, activation.batchId)) ?? expect.unreachable();
    for (let copy = await copyOf(); copy.version < told.version; copy = await copyOf())
      await store.transition(copy, { ...copy, dueAt: START + copy.version });
    const refused = await copyOf();
    expect(refused.version).toBe(told.version);
    expect(await store.replace(told, successorOf(activation))).toBe(true);
    expect(await store.findArchived(activation, activation.batchId)).toEqual(refused);
  });

  test('an archive that was written more often than the current item does not lock the flow log', async () => {
    const activation = await opened();
    const failed = await changed(activation, () => fail(activation, 'frozen', START));
    // A replacement that crashed between its two writes left a copy, and the copy's outbox is told in many steps.
    await copyToArchive(failed);
    for (let step = 0; step < 5; step += 1) {
      const copy = await store.findArchived(activation, activation.batchId);
      if (copy)
        await store.transition(copy, { ...copy, outbox: copy.outbox.slice(1), updatedAt: START + step });
    }
    const current = await readBack(activation);
    const copy = await store.findArchived(activation, activation.batchId);
    expect(copy?.version).toBeGreaterThan(current.version);
    const next = successorOf(activation);
    expect(await store.replace(current, next)).toBe(true);
    expect((await store.readCurrent(activation))?.batchId).toBe(batchIdOf(2));
    expect((await store.findArchived(activation, activation.batchId))?.outbox).toEqual([]);
  });

  describe('an archive that was written more often than the current item', () => {
    /** A replacement that crashed between its two writes left a copy, and that is told in many steps. */
    async function leaveCopy(ended: Activation): Promise<void> {
      await copyToArchive(ended);
      for (let step = 0; step < 9; step += 1) {
        const copy = await store.findArchived(ended, ended.batchId);
        if (copy) await store.transition(copy, { ...tell(copy), updatedAt: step });
      }
    }

    test('learns of a drift', async () => {
      const activation = await opened();
      await leaveCopy(await changed(activation, (open) => complete(open, true, START)));
      await changed(activation, tell);
      const drifted = await changed(activation, (one) => decideDrift(one, undefined, START + 5));
      expect(drifted).toMatchObject({ drift: { kind: 'gone', ordinal: 1 }, outbox: ['drifted#1'] });

      expect(await store.replace(drifted, successorOf(activation))).toBe(true);
      const archived = await store.findArchived(activation, activation.batchId);
      const { drift, history } = drifted;
      expect(archived).toMatchObject({ drift, history, outbox: ['drifted#1'], dueAt: START + 5 });
      expect((await dueOf(store, START + 5)).activations).toContainEqual(archived);
    });

    test('learns of the end of a drift', async () => {
      const activation = await opened();
      await changed(activation, (open) => tell(complete(open, true, START)));
      await leaveCopy(await changed(activation, (one) => decideDrift(one, undefined, START + 5)));
      await changed(activation, tell);
      const active = { flowLogId: activation.flowLogId, status: 'Active', locked: false };
      const over = await changed(activation, (one) => decideDrift(one, active, START + 9));
      expect(over.drift).toMatchObject({ endedAt: START + 9 });

      expect(await store.replace(over, successorOf(activation))).toBe(true);
      const archived = await store.findArchived(activation, activation.batchId);
      expect(archived).toMatchObject({ drift: over.drift, history: over.history, outbox: [] });
    });

    test('learns of a redrive', async () => {
      const activation = await opened();
      await leaveCopy(await changed(activation, (open) => fail(open, 'frozen', START)));
      await changed(activation, tell);
      const adopt = (failed: Activation) => complete(reopen(failed, 'me', START, policy), true, START);
      const adopted = await changed(activation, adopt);
      expect(adopted).toMatchObject({ generation: 2, status: 'completed', outbox: ['completed#2'] });

      expect(await store.replace(adopted, successorOf(activation))).toBe(true);
      const archived = await store.findArchived(activation, activation.batchId);
      expect(archived).toMatchObject({ generation: 2, status: 'completed', outbox: ['completed#2'] });
      expect(archived).not.toHaveProperty('reason');
    });
  });

  test('walks the current ones that have completed, each once, page after page', async () => {
    const many = Array.from({ length: 12 }, (_, index) => fresh({ createdAt: 7_000_000_000_000 + index }));
    for (const one of many) await changed(await opened(one), (open) => complete(open, true, START));
    await opened();
    await changed(await opened(), (open) => fail(open, 'frozen', START));
    const replaced = await changed(await opened(), (open) => complete(open, true, START));
    await store.replace(replaced, successorOf(replaced));

    const seen: Activation[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.completed(cursor);
      seen.push(...page.activations);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const ids = idsOf(seen);
    expect(ids).toEqual(expect.arrayContaining(idsOf(many)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(seen.filter(({ status, archived }) => status !== 'completed' || archived)).toEqual([]);
    expect(ids).not.toContain(replaced.activationId);
    expect(idsOf((await store.completed('nonsense')).activations)).toEqual(
      idsOf((await store.completed()).activations),
    );
  });

  test('the due index holds what has work left, and nothing that is done', async () => {
    const early = await opened(fresh({ dueAt: START - 5_000 }));
    const late = await opened(fresh({ dueAt: START + 999_999 }));
    const done = await opened(fresh({ dueAt: START - 5_000 }));
    await changed(done, (open) => ({ ...complete(open, true, START), outbox: [], dueAt: undefined }));
    const due = idsOf((await dueOf(store, START)).activations);
    expect(due).toContain(early.activationId);
    expect(due).not.toContain(late.activationId);
    expect(due).not.toContain(done.activationId);
  });

  test('pages through everything that is due', async () => {
    const many = Array.from({ length: 450 }, () => fresh({ dueAt: START - 1_000_000 }));
    await Promise.all(many.map((activation) => store.open(activation)));
    const due = idsOf((await dueOf(store, START - 1_000_000)).activations);
    expect(due.sort()).toEqual(idsOf(many).sort());
    for (const activation of many) await store.transition(activation, { ...activation, dueAt: START });
  });

  test('a batch is written once, moved, ended and taken out of the index', async () => {
    const batch = aBatch(++unique);
    expect(await store.createBatch(batch)).toBeUndefined();
    expect(await store.createBatch({ ...batch, bodyHash: 'other' })).toEqual(batch);
    expect((await dueOf(store, START)).batches).toContainEqual(batch);
    expect(await store.transitionBatch(batch, { ...batch, dueAt: START + 1 })).toBe(true);
    expect(await store.transitionBatch(batch, { ...batch, dueAt: START + 2 })).toBe(false);
    const moved = { ...batch, dueAt: START + 1, version: 2 };
    expect(await store.readBatch(batch.batchId)).toEqual(moved);
    const counts = { completed: 1, failed: 1 };
    const completed = { at: START + 3, counts, adopted: 1, reasons: { 'not-found': 1 } };
    const ended = { ...moved, completed, dueAt: START + 4 };
    expect(await store.transitionBatch(moved, ended)).toBe(true);
    expect((await dueOf(store, START + 4)).batches).toContainEqual({ ...ended, version: 3 });
    const read = await store.readBatch(batch.batchId);
    if (read) expect(await store.transitionBatch(read, { ...read, dueAt: undefined })).toBe(true);
    const { dueAt: _, ...told } = { ...ended, version: 4 };
    expect(await store.readBatch(batch.batchId)).toEqual(told);
    expect((await dueOf(store, START + 4)).batches).not.toContainEqual(
      expect.objectContaining({ batchId: batch.batchId }),
    );
  });

  test('a batch whose life is over is begun anew, though DynamoDB has not deleted it yet', async () => {
    const batch = aBatch(91);
    const lifeMs = 90 * 86_400_000;
    expect(await store.createBatch(batch)).toBeUndefined();
    const late = { ...batch, createdAt: START + lifeMs - 1 };
    expect(await store.createBatch(late)).toEqual(batch);
    const anew = { ...batch, bodyHash: 'other', createdAt: START + lifeMs };
    expect(await store.createBatch(anew)).toBeUndefined();
    expect(await store.readBatch(batch.batchId)).toEqual(anew);
    // Whoever still holds the first one, of the same version, writes nothing.
    expect(await store.transitionBatch(batch, { ...batch, dueAt: undefined })).toBe(false);
  });

  test('reads many at once, also more than a hundred', async () => {
    const many = Array.from({ length: 130 }, () => fresh());
    await Promise.all(many.map((activation) => store.open(activation)));
    const found = await store.readManyCurrent([...many, flowLogOf('fl-none')]);
    expect(idsOf(found.activations).sort()).toEqual(idsOf(many).sort());
  });

  test('a retry moves dueAt and keeps the error', async () => {
    const activation = await opened();
    const leased = await changed(activation, () => leaseForCall(activation, 'lease-1', START, policy));
    const error = { code: 'InvalidOperation.Conflict', message: 'busy', httpStatus: 409, requestId: 'req-9' };
    expect(await store.recordOutcome(leased, retryLater(leased, 'retry', error, 2_000, START, policy))).toBe(
      true,
    );
    expect(await store.readCurrent(activation)).toMatchObject({
      status: 'queued',
      attempts: 1,
      lastError: error,
      dueAt: START + 2_000 + policy.requeueAfterMs,
    });
  });

  test('lists newest first, by status and by flow log, page after page', async () => {
    const newest = 8_000_000_000_000;
    const many = Array.from({ length: 7 }, (_, index) => fresh({ createdAt: newest + index }));
    for (const activation of many) await store.open(activation);
    const [first, second] = many;
    if (first === undefined || second === undefined) throw new Error('unreachable');
    await store.transition(second, complete(second, true, START));

    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ limit: 3, ...(cursor && { cursor }) });
      pages.push(idsOf(page.activations));
      cursor = page.nextCursor;
    } while (cursor && pages.length < 3);
    expect(pages.flat().slice(0, 7)).toEqual(idsOf(many).reverse());
    expect(pages.map((page) => page.length)).toEqual([3, 3, 3]);

    const completed = await store.list({ status: 'completed', limit: 1 });
    expect(idsOf(completed.activations)).toEqual([second.activationId]);
    const { account, region, flowLogId } = first;
    const ofFlowLog = await store.list({ flowLog: { account, region, flowLogId }, limit: 10 });
    expect(ofFlowLog).toEqual({ activations: [first], unreadable: [] });
    const failed = await store.list({ flowLog: first, status: 'failed', limit: 10 });
    expect(failed).toEqual({ activations: [], unreadable: [] });
    await expect(store.list({ limit: 1, cursor: 'nonsense' })).rejects.toThrow(InvalidCursor);
  });

  describe('what needs attention', () => {
    const error = { code: 'InvalidAccessKey', message: 'no such key' };
    const hold = (queued: Activation) =>
      retryLater(leaseForCall(queued, 'lease-1', START, policy), 'hold', error, 300_000, START, policy);
    const inactive = { flowLogId: 'fl', status: 'Inactive', locked: false };
    const drifted = (open: Activation) =>
      tell(decideDrift(tell(complete(open, true, START)), inactive, START));
    const listed = async (filter: ListFilter) =>
      idsOf((await store.list({ ...filter, limit: 200 })).activations);

    test('is listed by its reason, its hold or its drift, until that is over', async () => {
      const [frozen, missing, held, off] = [fresh(), fresh(), fresh(), fresh()];
      for (const one of [frozen, missing, held, off]) await store.open(one);
      await changed(frozen, (open) => tell(fail(open, 'frozen', START)));
      await changed(missing, (open) => tell(fail(open, 'not-found', START)));
      await changed(held, hold);
      await changed(off, drifted);
      const ids = (filter: ListFilter) =>
        listed(filter).then((all) =>
          [frozen, missing, held, off].filter((one) => all.includes(one.activationId)),
        );
      expect(await ids({ reason: 'frozen' })).toEqual([frozen]);
      expect(await ids({ reason: 'not-found' })).toEqual([missing]);
      expect(await ids({ held: true })).toEqual([held]);
      expect(await ids({ drift: true })).toEqual([off]);
      expect(await ids({ held: true, drift: true })).toEqual([]);
      expect(await ids({ reason: 'frozen', status: 'completed' })).toEqual([]);

      await changed(frozen, (failed) => reopen(failed, 'someone', START, policy));
      await store.replace(await readBack(missing), successorOf(missing));
      await changed(held, (queued) => accept(queued, 'req-1', START, policy));
      await changed(off, (one) => ({ ...one, drift: one.drift && { ...one.drift, endedAt: START + 1 } }));
      for (const filter of [
        { reason: 'frozen' },
        { reason: 'not-found' },
        { held: true },
        { drift: true },
      ] as const)
        expect(await ids(filter)).toEqual([]);
    });

    test('is in the index after an outcome, too', async () => {
      const activation = await opened();
      const leased = await changed(activation, (queued) => leaseForCall(queued, 'lease-1', START, policy));
      const onHold = retryLater(leased, 'hold', error, 300_000, START, policy);
      expect(await store.recordOutcome(leased, onHold)).toBe(true);
      expect(await listed({ held: true })).toContain(activation.activationId);
    });

    test('comes newest first, page after page', async () => {
      const failed = await Promise.all(
        Array.from({ length: 7 }, (_, index) =>
          opened(fail(fresh({ createdAt: START + index }), 'client-token-reused', START + index)),
        ),
      );
      const first = await store.list({ reason: 'client-token-reused', limit: 4 });
      const { nextCursor: cursor = '' } = first;
      const rest = await store.list({ reason: 'client-token-reused', limit: 4, cursor });
      expect([...idsOf(first.activations), ...idsOf(rest.activations)]).toEqual(idsOf(failed).reverse());
      expect(rest.nextCursor).toBeUndefined();
    });
  });

  test('lists by account, by region and by time of creation, also among many others', async () => {
    const from = 7_200_000_000_000;
    const createdAt = (index: number) => ({ createdAt: from + index });
    for (let index = 0; index < 120; index += 1) await store.open(fresh(createdAt(index)));
    const of = (account: string, region: string, index: number) => {
      const flowLogId = `fl-${++unique}`;
      const activationId = `${account}.${region}.${flowLogId}.${batchIdOf(1)}`;
      return opened(anActivation({ account, region, flowLogId, activationId, ...createdAt(index) }));
    };
    const [here, there] = [await of('second', 'cn-beijing', 3), await of('second', 'cn-shanghai', 50)];
    const listed = async (filter: ListFilter) => {
      const found: Activation[] = [];
      for (let cursor: string | undefined, pages = 0; pages < 20; pages += 1) {
        const page = await store.list({ ...filter, limit: 10, ...(cursor && { cursor }) });
        found.push(...page.activations);
        cursor = page.nextCursor;
        if (cursor === undefined) return idsOf(found);
      }
      throw new Error('the list has no end');
    };
    expect(await listed({ account: 'second' })).toEqual(idsOf([there, here]));
    expect(await listed({ region: 'cn-shanghai' })).toEqual(idsOf([there]));
    expect(await listed({ account: 'second', region: 'cn-beijing' })).toEqual(idsOf([here]));
    const between = { createdFrom: from + 10, createdUntil: from + 50 };
    expect(await listed(between)).toHaveLength(42);
    expect(await listed({ ...between, account: 'second' })).toEqual(idsOf([there]));
    expect(await listed({ createdFrom: from + 50, createdUntil: from + 49 })).toEqual([]);
  });

  test('finds the few pending ones among many that are queued', async () => {
    const newest = 8_500_000_000_000;
    const many = Array.from({ length: 30 }, (_, index) => fresh({ createdAt: newest + index }));
    for (const activation of many) await store.open(activation);
    const [oldest] = many;
    if (oldest === undefined) throw new Error('unreachable');
    await store.transition(oldest, accept(oldest, 'req-1', START, policy));
    const page = await store.list({ status: 'pending', limit: 1 });
    expect(idsOf(page.activations)).toEqual([oldest.activationId]);
    const queued = await store.list({ status: 'queued', limit: 100 });
    expect(idsOf(queued.activations).slice(0, 29)).toEqual(idsOf(many).reverse().slice(0, 29));
    expect(idsOf(queued.activations)).not.toContain(oldest.activationId);
  });

  test('lists what was archived in vain, then redriven, as it is now', async () => {
    const activation = await opened(fresh({ createdAt: 9_000_000_000_000 }));
    const failed = await changed(activation, (open) => fail(open, 'frozen', START));
    await copyToArchive(failed);
    const redriven = reopen(failed, 'someone', START, policy);
    const completed = await changed(failed, () => complete(redriven, true, START));
    for (const query of [{}, { status: 'completed' as const }, { flowLog: activation }]) {
      expect((await store.list({ ...query, limit: 1 })).activations).toEqual([completed]);
    }
    const listed = await store.list({ status: 'failed', limit: 100 });
    expect(idsOf(listed.activations)).not.toContain(activation.activationId);
  });

  test('lists the activations of one flow log, archived ones too, page after page', async () => {
    const flowLog = flowLogOf(`fl-${++unique}`);
    let latest = anActivation({ ...flowLog, createdAt: START });
    await store.open(latest);
    const expected = [latest.activationId];
    for (let round = 1; round < 5; round += 1) {
      const final = await changed(flowLog, (open) => complete(open, true, START));
      const batchId = batchIdOf(50 + round);
      const activationId = `default.cn-beijing.${flowLog.flowLogId}.${batchId}`;
      latest = anActivation({ ...flowLog, batchId, activationId, createdAt: START + round });
      await store.replace(final, latest);
      expected.unshift(activationId);
    }
    const first = await store.list({ flowLog, limit: 3 });
    const rest = await store.list({ flowLog, limit: 3, cursor: first.nextCursor });
    expect([idsOf(first.activations), idsOf(rest.activations)]).toEqual([
      expected.slice(0, 3),
      expected.slice(3),
    ]);
    expect(rest.nextCursor).toBeUndefined();
    expect(idsOf((await store.list({ flowLog, status: 'queued', limit: 3 })).activations)).toEqual([
      latest.activationId,
    ]);
  });
});
