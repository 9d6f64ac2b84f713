import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * The size of an item as DynamoDB reckons it (Developer Guide, "DynamoDB item sizes and formats"): names and strings
 * in UTF-8, a number about a byte for two digits and one more, a list or map 3 bytes and one for each element.
 */
export function itemBytes(item: Attributes): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes({ S, N, L, M, BOOL, NULL }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/^-?0*|\.|0*$/g, '').length / 2) + 1;
  if (BOOL !== undefined || NULL !== undefined) return 1;
  if (L !== undefined) return L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  if (M !== undefined) return 3 + Object.keys(M).length + itemBytes(M);
  throw new Error('no item of this table has such an attribute');
}
