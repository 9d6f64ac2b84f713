import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ItemKey } from './item-key.ts';
import { fromAttributes, type Item, toAttributes } from './item-update.ts';

type Update = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;

/** Reads and conditional writes of single items. They throw the errors of the SDK. */
export type Table = {
  /** Always the latest version of the item. */
  get(key: ItemKey): Promise<Item | undefined>;
  /** Returns false if the condition does not hold. Then nothing was written. `values` are those of the condition. */
  put(item: Item, condition?: string, values?: Item): Promise<boolean>;
  /** Returns false if the condition does not hold. Then nothing was written. */
  update(key: ItemKey, update: Update): Promise<boolean>;
};

export function createTable(client: DynamoDBClient, tableName: string): Table {
  return {
    async get(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: toAttributes(key), ConsistentRead: true }),
      );
      return Item && fromAttributes(Item);
    },
    put: (item, condition, values) =>
      unlessConditionFailed(
        client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toAttributes(item),
            ...(condition && { ConditionExpression: condition }),
            ...(values && { ExpressionAttributeValues: toAttributes(values) }),
          }),
        ),
      ),
    update: (key, update) =>
      unlessConditionFailed(
        client.send(new UpdateItemCommand({ TableName: tableName, Key: toAttributes(key), ...update })),
      ),
  };
}

async function unlessConditionFailed(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
