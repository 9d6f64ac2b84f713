import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { toActivationItem } from '../../../lib/aws/activation-item.ts';
import { createActivationQueries } from '../../../lib/aws/dynamodb-activation-queries.ts';
import { DUE_SHARDS } from '../../../lib/aws/item-key.ts';
import { createItemReader } from '../../../lib/aws/item-reader.ts';
import { toAttributes } from '../../../lib/aws/item-update.ts';
import { createKnownPending } from '../../../lib/aws/known-pending.ts';
import { anActivation, START } from '../../support/fakes/activations.ts';
import { RecordingLog, RecordingMetrics } from '../../support/fakes/ports.ts';

const SHARDS = Array.from({ length: DUE_SHARDS }, (_, shard) => String(shard));

const items = Array.from({ length: 40 }, (_, number) =>
  toActivationItem(anActivation({ flowLogId: `fl-${number}`, activationId: `a-${number}`, dueAt: START })),
);

/** A table that serves one shard of its index no more. */
class PartlyThrottled extends DynamoDBClient {
  readonly #throttled: string;

  constructor(throttled: string) {
    super({ region: 'us-east-1' });
    this.#throttled = throttled;
  }

  override async send(command: unknown): Promise<never> {
    return (command instanceof QueryCommand ? this.#query(command) : this.#read(command)) as never;
  }

  #query({ input: { ExpressionAttributeValues: values = {} } }: QueryCommand) {
    const shard = values[':shard']?.S;
    if (shard === this.#throttled) throw new Error('ThrottlingException');
    return { Items: items.filter(({ dueShard }) => dueShard === shard).map(toAttributes) };
  }

  #read(command: unknown) {
    const keys = (command instanceof BatchGetItemCommand && command.input.RequestItems?.table?.Keys) || [];
    const asked = new Set(keys.map(({ pk }) => pk?.S));
    return { Responses: { table: items.filter(({ pk }) => asked.has(String(pk))).map(toAttributes) } };
  }
}

test.each(SHARDS)(
  'shard %s of what is due, throttled, hides no other, whichever comes first',
  async (shard) => {
    const reader = createItemReader({ log: new RecordingLog(), metrics: new RecordingMetrics() });
    const { due } = createActivationQueries(
      new PartlyThrottled(shard),
      'table',
      reader,
      createKnownPending(),
    );
    const others = items.filter(({ dueShard }) => dueShard !== shard).map(({ activationId }) => activationId);
    for (let turn = 0; turn < DUE_SHARDS; turn += 1) {
      const pages = await Array.fromAsync(due({ from: 0, until: START }, turn));
      const found = pages.flatMap(({ activations }) => activations.map(({ activationId }) => activationId));
      expect(found.sort()).toEqual(others.toSorted());
      const failures = pages.flatMap(({ failure }) => failure ?? []);
      expect(failures).toEqual([new Error('ThrottlingException')]);
    }
  },
);
