import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isNewer } from '../activation/drift/drift.ts';
import type { Activation } from '../activation/model/activation.ts';
import type { Batch } from '../activation/model/batch.ts';
import { BATCH_ID, parseActivationId } from '../activation/model/ids.ts';
import type { ActivationStore, Log, Metrics } from '../activation/model/ports.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { fromActivationItem, toActivationItem, toJoinerItems } from './activation-item.ts';
import { BATCH_LIFE_MS, fromBatchItem, toBatchItem } from './batch-item.ts';
import {
  anyOf,
  ITEM_IS_ABSENT,
  LIFE_IS_OVER,
  VERSION_IS_OLDER,
  VERSION_IS_UNCHANGED,
} from './conditional-write.ts';
import { createActivationList } from './dynamodb-activation-list.ts';
import { createActivationQueries } from './dynamodb-activation-queries.ts';
import { createCompletedPages } from './dynamodb-completed-pages.ts';
import type { Sleep } from './dynamodb-reads.ts';
import { archiveKey, batchKey, currentKey, type ItemKey, keyOf } from './item-key.ts';
import { createItemReader } from './item-reader.ts';
import { updateOf } from './item-update.ts';
import { createKnownPending } from './known-pending.ts';
import { createTable } from './table.ts';

const JOINERS_AT_ONCE = 16;

const NOTHING: ReadonlySet<string> = new Set();
const JOINERS: ReadonlySet<string> = new Set(['joiners']);

/** Versions up to 0.5 leave an item where it is in index `attention`. So every update writes its place anew. */
const storedItem = (activation: Activation) => ({ ...toActivationItem(activation), attention: null });

/**
 * ActivationStore on one DynamoDB table. Every write is conditional and returns false if its condition does not hold.
 * An unreadable item is counted and logged. Throws RecordUnreadable, and the errors of the SDK. `sleep` is for tests.
 */
export function createDynamoDbActivationStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics },
  sleep?: Sleep,
): ActivationStore {
  const reader = createItemReader(telemetry);
  const { get, put, update } = createTable(client, tableName);
  const known = createKnownPending();

  const getActivation = async (key: ItemKey) => {
    const item = await get(key);
    return item && reader.one(item, fromActivationItem);
  };

  const transition = (previous: Activation, next: Activation) => {
    known.forget(previous);
    const condition = { version: previous.version, activationId: previous.activationId };
    const expressions = updateOf(storedItem(previous), toActivationItem(next), NOTHING, condition);
    return update(keyOf(previous), expressions);
  };

  /**
   * Copies `previous` to the archive. Returns false if `previous` is out of date. A copy of an earlier attempt may be there:
   *
   *   request                       poller
   *   archives version 7, dies
   *                                 publishes the events of the copy: the copy has version 8
   *   archives version 7 again: the copy is newer, so the write is refused
   *
   * The newer copy is kept, unless the current item has moved on since. So is one of the same version, which may have
   * another content: with a second content under one version, a write that was meant for the first would hit the second.
   */
  const archive = async (previous: Activation): Promise<boolean> => {
    const copy = { ...previous, archived: true };
    const condition = anyOf(ITEM_IS_ABSENT, VERSION_IS_OLDER);
    if (!(await put(toActivationItem(copy), condition, { ':version': previous.version }))) {
      const existing = await getActivation(keyOf(copy));
      if (existing === undefined || isNewer(existing, previous)) return false;
      const renewed = { ...copy, version: existing.version };
      if (isNewer(previous, existing) && !(await transition(existing, renewed))) return false;
    }
    await mapConcurrently(toJoinerItems(copy), JOINERS_AT_ONCE, (item) => put(item));
    return true;
  };

  return {
    ...createActivationQueries(client, tableName, reader, known, sleep),
    ...createActivationList(client, tableName, reader, sleep),
    ...createCompletedPages(client, tableName, reader, sleep),
    transition,

    async createBatch(batch) {
      const condition = anyOf(ITEM_IS_ABSENT, LIFE_IS_OVER);
      const values = { ':ended': batch.createdAt - BATCH_LIFE_MS };
      if (await put(toBatchItem(batch), condition, values)) return undefined;
      const existing = await get(batchKey(batch.batchId));
      if (existing === undefined) throw new Error(`batch ${batch.batchId} vanished while it was read`);
      return reader.one(existing, fromBatchItem);
    },

    async readBatch(batchId) {
      if (!BATCH_ID.test(batchId)) return undefined;
      const item = await get(batchKey(batchId));
      return item && reader.one(item, fromBatchItem);
    },

    transitionBatch(previous: Batch, next: Batch) {
      const { version, createdAt } = previous;
      const condition = { version, createdAt };
      const expressions = updateOf(toBatchItem(previous), toBatchItem(next), NOTHING, condition);
      return update(batchKey(previous.batchId), expressions);
    },

    readCurrent: (flowLog) => getActivation(currentKey(flowLog)),

    async readActivation(activationId) {
      const parsed = parseActivationId(activationId);
      if (parsed === undefined) return undefined;
      const current = await get(currentKey(parsed.flowLog));
      if (current?.activationId !== activationId) {
        const archived = await getActivation(archiveKey(parsed.flowLog, parsed.batchId));
        // An unreadable current item without an id may be the requested one.
        if (archived || typeof current?.activationId === 'string') return archived;
      }
      return current && reader.one(current, fromActivationItem);
    },

    open: (activation) => put(toActivationItem(activation), ITEM_IS_ABSENT),

    join: (activation, batchId) =>
      transition(activation, { ...activation, joiners: [...activation.joiners, batchId] }),

    /*
     *   request                                poller
     *   archives a copy of version 7
     *                                          removes a published event: the item has version 8
     *   writes the successor if version is 7: refused, so the request reads and archives again
     */
    async replace(previous, next) {
      if (!(await archive(previous))) return false;
      // The successor continues the version, so that no write meant for the predecessor can hit it.
      const successor = toActivationItem({ ...next, version: previous.version + 1 });
      return put(successor, VERSION_IS_UNCHANGED, { ':version': previous.version });
    },

    /*
     *   worker                                 request of another batch
     *   takes the lease: version 4
     *   calls ActiveFlowLog                    joins: version 5, one more joiner
     *   writes the outcome if the lease is the same: the join refuses nothing, and the joiner stays
     */
    recordOutcome(leased, next) {
      const { activationId, generation, attempts, leaseId } = leased;
      const condition = { activationId, generation, attempts, leaseId, status: 'queued' };
      return update(keyOf(leased), updateOf(storedItem(leased), toActivationItem(next), JOINERS, condition));
    },
  };
}
