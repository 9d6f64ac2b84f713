import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { toActivationItem } from '../../../lib/aws/activation-item.ts';
import { createActivationList } from '../../../lib/aws/dynamodb-activation-list.ts';
import { listKeyOf } from '../../../lib/aws/item-key.ts';
import { createItemReader } from '../../../lib/aws/item-reader.ts';
import { toAttributes } from '../../../lib/aws/item-update.ts';
import { anActivation, START } from '../../support/fakes/activations.ts';
import { RecordingLog } from '../../support/fakes/ports.ts';

const activationOf = (number: number) =>
  anActivation({ flowLogId: `fl-${number}`, activationId: `a-${number}`, createdAt: START + number });

/** A table whose items are all in one partition of its index, newest first. */
class OnePartition extends DynamoDBClient {
  readonly #items: readonly Record<string, AttributeValue>[];
  readonly #longestPage: number;

  constructor(items: Record<string, unknown>[], longestPage: number) {
    super({});
    this.#items = items.map(toAttributes);
    this.#longestPage = longestPage;
  }

  override async send(command: unknown): Promise<never> {
    const isQuery = command instanceof QueryCommand;
    return (
      isQuery ? this.#query(command) : command instanceof BatchGetItemCommand && this.#read(command)
    ) as never;
  }

  #query({
    input: { ExpressionAttributeValues: values = {}, ExclusiveStartKey: start, Limit = 1 },
  }: QueryCommand) {
    if (values[':partition']?.S !== this.#items[0]?.listBucket?.S) return { Items: [] };
    const begin = this.#items.findIndex((item) => item.pk?.S === start?.pk?.S && item.sk?.S === start?.sk?.S);
    const rest = this.#items
      .slice(begin + 1)
      .filter(({ listKey }) => String(listKey?.S) < String(values[':before']?.S));
    const Items = rest.slice(0, Math.min(Limit, this.#longestPage));
    return { Items, ...(Items.length < rest.length && { LastEvaluatedKey: Items.at(-1) }) };
  }

  #read({ input: { RequestItems = {} } }: BatchGetItemCommand) {
    const keys = RequestItems.table?.Keys ?? [];
    const found = this.#items.filter((item) =>
      keys.some(({ pk, sk }) => pk?.S === item.pk?.S && sk?.S === item.sk?.S),
    );
    return { Responses: { table: found } };
  }
}

async function walk(table: DynamoDBClient, limit: number): Promise<string[]> {
  const reader = createItemReader({ log: new RecordingLog(), metrics: { count() {} } });
  const { list } = createActivationList(table, 'table', reader);
  const shown: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 10; pages += 1) {
    const page = await list({ limit, ...(cursor !== undefined && { cursor }) });
    shown.push(...page.activations.map(listKeyOf));
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return shown;
}

const NEWEST_FIRST = [3, 2, 1].map(activationOf).map(listKeyOf);

test('a list reads on where DynamoDB ends a page early', async () => {
  const table = new OnePartition([3, 2, 1].map(activationOf).map(toActivationItem), 1);
  expect(await walk(table, 3)).toEqual(NEWEST_FIRST);
});

test.each([1, 2, 3])(
  'an activation that is archived and still current takes one place of %i',
  async (limit) => {
    const items = [3, 2, 1].map(activationOf).flatMap((current) => [current, { ...current, archived: true }]);
    expect(await walk(new OnePartition(items.map(toActivationItem), 100), limit)).toEqual(NEWEST_FIRST);
  },
);
