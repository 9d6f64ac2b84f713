/** By key, in code-unit order. Neither the caller nor DynamoDB keeps an order of keys. */
export function sortedEntries<Value>(record: Record<string, Value>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
