import { type AttributeValue, type BatchGetItemCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

const NO_KEY = { S: '' };
const keyOf = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;

/**
 * The real client, answered before anything is sent: every Query with the keys of `due` (once, in one page), every
 * BatchGetItem with what lies under its keys (each once), every write with success. `updated` holds the pk of every
 * UpdateItem.
 */
export function createCannedDynamoDb(due: Item[]): { client: DynamoDBClient; updated: Set<string> } {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'fuzz', secretAccessKey: 'fuzz' },
  });
  const updated = new Set<string>();
  const byKey = new Map(due.map((item) => [keyOf(item), item]));
  let left = due.map(({ pk = NO_KEY, sk = NO_KEY }) => ({ pk, sk }));
  const take = (keys: Item[]): Item[] => {
    const found = keys.map((key) => byKey.get(keyOf(key))).filter((item) => item !== undefined);
    for (const item of found) byKey.delete(keyOf(item));
    return found;
  };
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async ({ input }) => {
        if (commandName === 'UpdateItemCommand' && 'Key' in input) updated.add(input.Key?.pk?.S ?? '');
        const Items = commandName === 'QueryCommand' ? left : [];
        if (commandName === 'QueryCommand') left = [];
        const asked =
          commandName === 'BatchGetItemCommand' ? (input as BatchGetItemCommandInput).RequestItems : {};
        const Responses = Object.fromEntries(
          Object.entries(asked ?? {}).map(([table, { Keys = [] }]) => [table, take(Keys)]),
        );
        return { output: { $metadata: {}, Items, Responses }, response: undefined };
      },
    { step: 'initialize', priority: 'high' },
  );
  return { client, updated };
}
