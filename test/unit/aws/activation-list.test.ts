import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { listKeyOf, toActivationItem } from '../../../lib/aws/activation-item.ts';
import { createActivationList } from '../../../lib/aws/dynamodb-activation-list.ts';
import { createItemReader } from '../../../lib/aws/item-reader.ts';
import { toAttributes } from '../../../lib/aws/item-update.ts';
import { anActivation, START } from '../../fakes/activations.ts';
import { RecordingLog } from '../../fakes/ports.ts';

const ITEMS = [3, 2, 1].map((number) =>
  toActivationItem(
    anActivation({ flowLogId: `fl-${number}`, activationId: `a-${number}`, createdAt: START + number }),
  ),
);

/** A table whose index has one partition, of which a page holds one item whatever the limit is. */
class ShortPages extends DynamoDBClient {
  override async send(command: unknown): Promise<never> {
    const answer =
      command instanceof QueryCommand
        ? this.#page(command)
        : command instanceof BatchGetItemCommand && { Responses: { table: ITEMS.map(toAttributes) } };
    return answer as never;
  }

  #page({ input }: QueryCommand) {
    if (input.ExpressionAttributeValues?.[':partition']?.S !== ITEMS[0]?.listBucket) return { Items: [] };
    const after =
      input.ExclusiveStartKey?.listKey?.S ?? input.ExpressionAttributeValues?.[':before']?.S ?? '';
    const [next] = ITEMS.filter(({ listKey }) => String(listKey) < after).map(toAttributes);
    return next ? { Items: [next], LastEvaluatedKey: next } : { Items: [] };
  }
}

test('a list reads on where DynamoDB ends a page early', async () => {
  const reader = createItemReader({ log: new RecordingLog(), metrics: { count() {} } });
  const list = createActivationList(new ShortPages({}), 'table', reader);
  const { activations, nextCursor } = await list.list({ limit: 3 });
  expect(activations.map(listKeyOf)).toEqual(ITEMS.map(({ listKey }) => listKey));
  expect(nextCursor).toBeUndefined();
});
