import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Items = Record<string, AttributeValue>[];

/**
 * The real client, answered before anything is sent: every Query with `due` (once, in one page), every write with
 * success. `updated` holds the pk of every UpdateItem.
 */
export function createCannedDynamoDb(due: Items): { client: DynamoDBClient; updated: Set<string> } {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'fuzz', secretAccessKey: 'fuzz' },
  });
  const updated = new Set<string>();
  let left = [due];
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async ({ input }) => {
        if (commandName === 'UpdateItemCommand' && 'Key' in input) updated.add(input.Key?.pk?.S ?? '');
        const Items = commandName === 'QueryCommand' ? left.flat() : [];
        if (commandName === 'QueryCommand') left = [];
        return { output: { $metadata: {}, Items, Responses: {} }, response: undefined };
      },
    { step: 'initialize', priority: 'high' },
  );
  return { client, updated };
}
