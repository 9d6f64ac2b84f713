import { TABLE_INDEXES } from '../../test/support/virtual/deployed.ts';
import type { Item } from '../../test/support/virtual/dynamodb-expressions.ts';
import { TableIndex } from '../../test/support/virtual/table-index.ts';
import { itemBytes } from './item-size.ts';

const INDEXES = Object.entries(TABLE_INDEXES).map(([name, keys]) => ({ name, index: new TableIndex(keys) }));

/** A write unit is a write of 1 kB, a read unit a consistent read of 4 kB; an eventually consistent one is half. */
const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;

/** What an activation has for nobody but who looks at it: the field `published`, and its place in index `attention`. */
const FOR_READERS: ReadonlySet<string> = new Set(['published', 'attention']);

type Capacity = {
  /** Of the `table` itself and of each index; a failed condition costs the table what the write would have. */
  writeUnits: Record<string, number>;
  /** Those of `writeUnits` that only FOR_READERS cost. */
  unitsForReaders: number;
  readUnits: number;
  /** By what the activation came to, the bytes of the item after each write. */
  writes: Record<string, { count: number; bytes: number; units: number }>;
};

/**
 * The units that on-demand capacity is billed by (Developer Guide, "Read and write operations" and "Using global
 * secondary indexes", provisioned throughput considerations): an update counts the larger of the item before and
 * after; in an index, an entry whose key changes is deleted and put, and one whose key does not costs nothing.
 */
export function createCapacityMeter() {
  const capacity: Capacity = {
    writeUnits: Object.fromEntries(['table', ...INDEXES.map(({ name }) => name)].map((name) => [name, 0])),
    unitsForReaders: 0,
    readUnits: 0,
    writes: {},
  };
  const add = (where: string, units: number) => {
    capacity.writeUnits[where] = (capacity.writeUnits[where] ?? 0) + units;
  };
  return {
    capacity: () => structuredClone(capacity),
    meter: {
      wrote(before: Item | undefined, after: Item) {
        const tableUnits = tableWriteUnits(before, after);
        capacity.unitsForReaders += tableUnits - tableWriteUnits(withoutThose(before), withoutThose(after));
        let units = tableUnits;
        add('table', tableUnits);
        for (const { name, index } of INDEXES) {
          const indexUnits = indexWriteUnits(index, before, after);
          add(name, indexUnits);
          if (name === 'attention') capacity.unitsForReaders += indexUnits;
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
      refused(existing: Item | undefined) {
        add('table', unitsOf(existing ? itemBytes(existing) : 0, WRITE_UNIT_BYTES));
      },
      got(items: (Item | undefined)[], isConsistent: boolean) {
        for (const item of items) {
          const units = unitsOf(item ? itemBytes(item) : 0, READ_UNIT_BYTES);
          capacity.readUnits += isConsistent ? units : units / 2;
        }
      },
      queried(items: Item[]) {
        const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
        capacity.readUnits += unitsOf(bytes, READ_UNIT_BYTES) / 2;
      },
    },
  };
}

function tableWriteUnits(before: Item | undefined, after: Item): number {
  return unitsOf(Math.max(before ? itemBytes(before) : 0, itemBytes(after)), WRITE_UNIT_BYTES);
}

function withoutThose<Given extends Item | undefined>(item: Given): Given {
  const kept = Object.entries(item ?? {}).filter(([name]) => !FOR_READERS.has(name));
  return (item && Object.fromEntries(kept)) as Given;
}

function unitsOf(bytes: number, unitBytes: number): number {
  return Math.max(1, Math.ceil(bytes / unitBytes));
}

function indexWriteUnits(index: TableIndex, before: Item | undefined, after: Item): number {
  const [old, entry] = [index.entryOf(before), index.entryOf(after)];
  const write = (written: Item) => unitsOf(itemBytes(written), WRITE_UNIT_BYTES);
  if (old === undefined) return entry === undefined ? 0 : write(entry);
  if (entry === undefined) return write(old);
  return index.isSame(old, entry) ? 0 : write(old) + write(entry);
}

/** Which of the writes of an activation's life it was. */
function nameOf(before: Item | undefined, after: Item): string {
  const [kind = ''] = after.pk?.S?.split('#') ?? [];
  const other = { B: 'batch', Q: 'quota', C: 'tick' }[kind];
  if (other !== undefined) return other;
  if (before === undefined) return 'open';
  if (after.status?.S === before.status?.S) return after.status?.S === 'queued' ? 'lease' : 'clear outbox';
  return after.status?.S ?? 'other';
}
