/** How often what was asked, and how many items were read for it. */
export class RequestCounts {
  readonly requests = new Map<string, number>();
  itemsRead = 0;

  add(operation: string, itemsRead = 0): void {
    this.requests.set(operation, this.of(operation) + 1);
    this.itemsRead += itemsRead;
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
