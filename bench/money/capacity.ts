import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Meter } from '../virtual/memory-dynamodb.ts';
import { itemBytes } from './item-size.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** As infra/table.yml defines them, of keys alone. An item without an index's key is not in it. */
const KEYS = ['pk', 'sk'];
const INDEXES = [
  { name: 'due', key: ['dueShard', 'dueAt'] },
  { name: 'list', key: ['listBucket', 'listKey'] },
  { name: 'flow-log', key: ['pastListKey'] },
] as const;
type Index = (typeof INDEXES)[number];

/** A write unit is a write of 1 kB, a read unit a consistent read of 4 kB; an eventually consistent one is half. */
const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;

export type Capacity = {
  /** Of the table itself and of each index; a failed condition costs the table what the write would have. */
  writeUnits: Record<'table' | Index['name'], number>;
  readUnits: number;
  /** By what the activation came to, the bytes of the item after each write. */
  writes: Record<string, { count: number; bytes: number; units: number }>;
};

/**
 * The units that on-demand capacity is billed by (Developer Guide, "Read and write operations" and "Using global
 * secondary indexes", provisioned throughput considerations): an update counts the larger of the item before and
 * after; in an index, an entry whose key changes is deleted and put, and one whose key does not costs nothing.
 */
export function createCapacityMeter(): { meter: Meter; capacity: () => Capacity } {
  const capacity: Capacity = {
    writeUnits: { table: 0, due: 0, list: 0, 'flow-log': 0 },
    readUnits: 0,
    writes: {},
  };
  return {
    capacity: () => structuredClone(capacity),
    meter: {
      wrote(before, after) {
        let units = unitsOf(Math.max(before ? itemBytes(before) : 0, itemBytes(after)), WRITE_UNIT_BYTES);
        capacity.writeUnits.table += units;
        for (const index of INDEXES) {
          const indexUnits = indexWriteUnits(index, before, after);
          capacity.writeUnits[index.name] += indexUnits;
          units += indexUnits;
        }
        const kind = nameOf(before, after);
        const known = capacity.writes[kind] ?? { count: 0, bytes: 0, units: 0 };
        capacity.writes[kind] = {
          count: known.count + 1,
          bytes: known.bytes + itemBytes(after),
          units: known.units + units,
        };
      },
      refused(existing) {
        capacity.writeUnits.table += unitsOf(existing ? itemBytes(existing) : 0, WRITE_UNIT_BYTES);
      },
      gotItems(items, isConsistent) {
        for (const item of items) {
          const units = unitsOf(item ? itemBytes(item) : 0, READ_UNIT_BYTES);
          capacity.readUnits += isConsistent ? units : units / 2;
        }
      },
      queried(items) {
        const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
        capacity.readUnits += unitsOf(bytes, READ_UNIT_BYTES) / 2;
      },
    },
  };
}

function unitsOf(bytes: number, unitBytes: number): number {
  return Math.max(1, Math.ceil(bytes / unitBytes));
}

function indexWriteUnits(index: Index, before: Item | undefined, after: Item): number {
  const [old, entry] = [entryOf(index, before), entryOf(index, after)];
  const write = (written: Item) => unitsOf(itemBytes(written), WRITE_UNIT_BYTES);
  if (old === undefined) return entry === undefined ? 0 : write(entry);
  if (entry === undefined) return write(old);
  return index.key.some((name) => !isSame(old[name], entry[name])) ? write(old) + write(entry) : 0;
}

function entryOf({ key }: Index, item: Item | undefined): Item | undefined {
  if (item === undefined || key.some((name) => item[name] === undefined)) return undefined;
  const names = new Set<string>([...KEYS, ...key]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Which of the writes of an activation's life it was. */
function nameOf(before: Item | undefined, after: Item): string {
  if (after.pk?.S?.startsWith('B#')) return 'batch';
  if (before === undefined) return 'open';
  if (after.status?.S === before.status?.S) return after.status?.S === 'queued' ? 'lease' : 'clear outbox';
  return after.status?.S ?? 'other';
}
