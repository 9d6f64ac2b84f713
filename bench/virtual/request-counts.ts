import * as v from 'valibot';

const Read = v.object({
  Item: v.optional(v.unknown()),
  Items: v.optional(v.array(v.unknown()), []),
  Responses: v.optional(v.record(v.string(), v.array(v.unknown())), {}),
});

/** How often what was asked of a service, and how many items were read for it. */
export class RequestCounts {
  readonly requests = new Map<string, number>();
  itemsRead = 0;

  add(operation: string, itemsRead = 0): void {
    this.requests.set(operation, this.of(operation) + 1);
    this.itemsRead += itemsRead;
  }

  /** A command of the SDK that was answered so, or refused. */
  addCommand(command: object, answer?: unknown): void {
    const { Item, Items, Responses } = v.parse(Read, answer ?? {});
    const inBatch = Object.values(Responses).reduce((sum, items) => sum + items.length, 0);
    this.add(command.constructor.name.replace(/Command$/, ''), Items.length + inBatch + (Item ? 1 : 0));
  }

  of(operation: string): number {
    return this.requests.get(operation) ?? 0;
  }

  get total(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  /** To be compared with later ones. */
  copy(): RequestCounts {
    const copy = new RequestCounts();
    for (const [operation, count] of this.requests) copy.requests.set(operation, count);
    copy.itemsRead = this.itemsRead;
    return copy;
  }
}
