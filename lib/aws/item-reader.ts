import { RecordUnreadable } from '../activation/model/errors.ts';
import type { Log, Metrics } from '../activation/model/ports.ts';
import type { Item } from './item-update.ts';

export type ItemReader = {
  /** Throws RecordUnreadable. */
  one<Read>(item: Item, parse: (item: Item) => Read): Read;
  /** Reads each item by itself: an unreadable one does not hide the others. */
  many<Read>(items: Item[], parse: (item: Item) => Read): { readable: Read[]; unreadable: Item[] };
};

const SHOWN = 10;

/**
 * Reads items that another version of the code may have written. If `parse` throws, the item is counted and its key is
 * logged. Nothing changes the item, so a version that can read it still finds it.
 */
export function createItemReader({ log, metrics }: { log: Log; metrics: Metrics }): ItemReader {
  const many: ItemReader['many'] = (items, parse) => {
    const unreadable: Item[] = [];
    const readable = items.flatMap((item) => {
      try {
        return [parse(item)];
      } catch {
        unreadable.push(item);
        return [];
      }
    });
    if (unreadable.length > 0) {
      metrics.count('UnreadableItems', unreadable.length);
      const keys = unreadable.slice(0, SHOWN).map(({ pk, sk }) => `${pk} ${sk}`);
      log.error('items that this version cannot read are left alone', { number: unreadable.length, keys });
    }
    return { readable, unreadable };
  };

  return {
    many,
    one(item, parse) {
      const { readable, unreadable } = many([item], (each) => ({ read: parse(each) }));
      if (readable[0] === undefined) throw new RecordUnreadable(nameOf(unreadable[0]?.pk));
      return readable[0].read;
    },
  };
}

/** The last part of a key such as `F#account#region#flowLogId` or `B#batchId`. */
function nameOf(pk: unknown): string {
  return String(pk).split('#').at(-1) ?? '';
}
