import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import { complete } from '../../../lib/activation/model/endings.ts';
import { recordAbsence } from '../../../lib/activation/model/transitions.ts';
import { toActivationItem } from '../../../lib/aws/activation-item.ts';
import { createDynamoDbActivationStore } from '../../../lib/aws/dynamodb-activation-store.ts';
import { toAttributes } from '../../../lib/aws/item-update.ts';
import { anActivation, batchIdOf, START } from '../../support/fakes/activations.ts';
import { RecordingLog, RecordingMetrics } from '../../support/fakes/ports.ts';
import { SeededRandom } from '../../support/fakes/seeded-random.ts';
import { Container } from '../../support/virtual/container.ts';
import { NO_FAULTS } from '../../support/virtual/faults.ts';
import { SimulatedDynamoDb } from '../../support/virtual/simulated-dynamodb.ts';
import { VirtualTime } from '../../support/virtual/virtual-time.ts';

const pending = anActivation({ status: 'pending', pendingAt: START, dueAt: START });

class CountingClient extends DynamoDBClient {
  readonly table = new SimulatedDynamoDb(new VirtualTime(), new SeededRandom(1), NO_FAULTS);
  itemsRead = 0;

  constructor(stored: Activation[]) {
    super({ region: 'us-east-1' });
    for (const activation of stored) this.table.put(toAttributes(toActivationItem(activation)));
  }

  override async send(command: unknown): Promise<never> {
    if (command instanceof BatchGetItemCommand) {
      this.itemsRead += command.input.RequestItems?.table?.Keys?.length ?? 0;
    }
    const { caller } = new Container('known', new VirtualTime());
    return this.table.execute(command, caller) as never;
  }
}

function storeOf(stored: Activation[]) {
  const client = new CountingClient(stored);
  const newContainer = () =>
    createDynamoDbActivationStore(client, 'table', {
      log: new RecordingLog(),
      metrics: new RecordingMetrics(),
    });
  const store = newContainer();
  const dueAt = async (now: number) => {
    client.itemsRead = 0;
    const pages = await Array.fromAsync(store.due({ from: 0, until: now }, 0));
    return { due: pages.flatMap(({ activations }) => activations), itemsRead: client.itemsRead };
  };
  return { store, otherStore: newContainer(), dueAt };
}

test('a pending activation is read once in half a minute', async () => {
  const { dueAt } = storeOf([pending]);
  expect(await dueAt(START)).toEqual({ due: [pending], itemsRead: 1 });
  expect(await dueAt(START + 29_999)).toEqual({ due: [pending], itemsRead: 0 });
  expect(await dueAt(START + 30_000)).toEqual({ due: [pending], itemsRead: 1 });
  expect(await dueAt(START + 30_001)).toEqual({ due: [pending], itemsRead: 0 });
});

test('one that is queued, or final with an event to publish, is read each time', async () => {
  const queued = anActivation({ dueAt: START });
  const final = complete(anActivation({ flowLogId: 'fl-2' }), false, START);
  const { dueAt } = storeOf([queued, final]);
  await dueAt(START);
  expect(await dueAt(START + 1)).toMatchObject({ itemsRead: 2 });
});

test('it is read again as soon as its dueAt has moved', async () => {
  const { dueAt, otherStore } = storeOf([pending]);
  await dueAt(START);
  const moved = { ...pending, dueAt: START + 1 };
  await otherStore.transition(pending, moved);
  expect(await dueAt(START + 1)).toEqual({ due: [{ ...moved, version: 2 }], itemsRead: 1 });
});

test('an absence that another container has noted is read, so that whoever is shown the flow log can clear it', async () => {
  const { dueAt, otherStore } = storeOf([pending]);
  await dueAt(START);
  const absent = recordAbsence(pending, START + 5_000);
  await otherStore.transition(pending, absent);
  expect((await dueAt(START + 5_001)).due).toEqual([{ ...absent, version: 2 }]);
});

test('it is read again after a write, also after one that was refused because a batch had joined', async () => {
  const { store, dueAt, otherStore } = storeOf([pending]);
  await dueAt(START);
  await otherStore.join(pending, batchIdOf(2));
  expect((await dueAt(START + 1)).due).toEqual([pending]);
  expect(await store.transition(pending, complete(pending, false, START + 1))).toBe(false);
  const joined = { ...pending, joiners: [batchIdOf(2)], version: 2 };
  expect(await dueAt(START + 2)).toEqual({ due: [joined], itemsRead: 1 });
  const completed = complete(joined, false, START + 2);
  expect(await store.transition(joined, completed)).toBe(true);
  expect((await dueAt(START + 3)).due).toEqual([{ ...completed, version: 3 }]);
});
