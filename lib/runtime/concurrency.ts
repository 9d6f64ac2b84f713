/**
 * Runs `work` for every item, at most `limit` at a time. Returns the results in the order of the items. After a failure
 * it starts nothing more, awaits what is running, and throws the first failure.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const remaining = items.entries();
  let failure: { error: unknown } | undefined;
  const lane = async () => {
    for (const [index, item] of remaining) {
      if (failure) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failure) throw failure.error;
  return results;
}

/** As mapConcurrently, but a failure ends nothing: the error is the result of its item. */
export function mapSettled<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<(Result | Error)[]> {
  return mapConcurrently(items, limit, async (item, index) => {
    try {
      return await work(item, index);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  });
}

/** Splits the items in order. The last chunk may be shorter than `size`. */
export function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/**
 * Combines calls: those that come during `gather`, or while earlier ones run, run together. `run` gets at least one item
 * and returns a result for each. If it or `gather` throws, every call of the group throws.
 */
export function combineCalls<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  gather: () => Promise<unknown>,
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let isRunning = false;
  const runAll = async () => {
    isRunning = true;
    while (waiting.length > 0) {
      let group: Waiting[] = [];
      try {
        await gather().finally(() => {
          group = waiting;
          waiting = [];
        });
        const results = await run(group.map(({ item }) => item));
        for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    isRunning = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void runAll();
    });
}
