import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { fail } from '../../lib/activation/model/endings.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { toBatchItem } from '../../lib/aws/batch-item.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { currentKey } from '../../lib/aws/item-key.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { anActivation, flowLogOf, START } from '../support/fakes/activations.ts';
import { createCannedDynamoDb } from './canned-dynamodb.ts';
import { oddKey, oddText, someOf } from './odd-text.ts';
import { checkEvent } from './record-check.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { createWorld } from './world.ts';

type Item = Record<string, AttributeValue>;

/** DynamoDB keeps no broken Unicode. */
const text = oddText.map((value) => value.toWellFormed());
const key = oddKey.map((value) => value.toWellFormed());
const bytes = fc.uint8Array({ maxLength: 8 });
/** What DynamoDB can hold: 38 digits, sets, bytes. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom(
    '0',
    '-1',
    '1.5',
    '8640000000000001',
    '1E+125',
    '-1E-130',
    '9007199254740993',
    '12345678901234567890123456789012345678',
  ),
);
const numeric = number.map((N) => ({ N }));
const textual = text.map((S) => ({ S }));
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 3, arbitrary: numeric },
  { weight: 3, arbitrary: textual },
  { weight: 1, arbitrary: bytes.map((B) => ({ B })) },
  { weight: 1, arbitrary: fc.boolean().map((BOOL) => ({ BOOL })) },
  { weight: 1, arbitrary: fc.constant({ NULL: true as const }) },
  { weight: 1, arbitrary: fc.array(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })) },
  { weight: 1, arbitrary: fc.array(number, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })) },
  { weight: 1, arbitrary: fc.array(numeric, { maxLength: 3 }).map((L) => ({ L })) },
  { weight: 1, arbitrary: fc.dictionary(key, textual, { maxKeys: 3 }).map((M) => ({ M })) },
);

const mutation = fc.record({
  where: fc.nat(40),
  what: fc.constantFrom('replace', 'remove', 'add', 'nest', 'recount'),
  key: key.filter((value) => value !== ''),
  digits: number,
  value: attribute,
});

/** The table keeps these as they are declared: the keys of the item and of the index it was found in. */
const KEYS = new Set(['pk', 'sk', 'dueShard', 'dueAt']);

type Mutation = { where: number; what: string; key: string; value: AttributeValue; digits: string };

function mutated(item: Item, mutations: Mutation[]): Item {
  const entries = new Map(Object.entries(item));
  for (const { where, what, key, value, digits } of mutations) {
    const names = [...entries.keys()].filter((name) => !KEYS.has(name));
    const name = names[where % names.length] ?? key;
    if (what === 'replace') entries.set(name, value);
    if (what === 'remove') entries.delete(name);
    if (what === 'add' && !KEYS.has(key)) entries.set(key, value);
    const numbers = names.filter((candidate) => entries.get(candidate)?.N);
    if (what === 'recount') entries.set(numbers[where % numbers.length] ?? key, { N: digits });
    if (what === 'nest') entries.set(name, nested(entries.get(name), value));
  }
  return Object.fromEntries(entries);
}

function nested(attributeValue: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (attributeValue?.L) return { L: [...attributeValue.L, value] };
  return attributeValue?.M ? { M: { ...attributeValue.M, code: value } } : { L: [value] };
}

const records = [...createWorld().store.current.values()].map((record) => ({ ...record, dueAt: START }));
const batches = [...createWorld().store.batches.values()].map((batch) => ({ ...batch, dueAt: START }));
const known = [...records.map(toActivationItem), ...batches.map(toBatchItem)].map(toAttributes);

const strange = fc
  .tuple(fc.constantFrom(...known), someOf(mutation, 3))
  .map(([item, mutations]) => mutated(item, mutations));

const silent = { ...anActivation({ flowLogId: 'fl-silent' }), dueAt: START };
const untold = fail(anActivation({ flowLogId: 'fl-sound' }), 'not-found', START, { code: 'C', message: 'm' });

/** The real store over items that nobody wrote: whatever they are, the sound ones beside them get their turn. */
export const STORED_ITEM_SURFACE: Surface = defineSurface({
  name: 'poller, stored items',
  inputs: fc.record({ items: fc.array(strange, { minLength: 1, maxLength: 3 }), place: fc.nat(3) }),
  async probe({ items, place }) {
    const sound = [silent, untold].map((record) => toAttributes(toActivationItem(record)));
    const { client, updated } = createCannedDynamoDb(items.toSpliced(place, 0, ...sound));
    const fakes = createWorld();
    const world = { ...fakes, store: createDynamoDbActivationStore(client, 'activations', fakes) };
    try {
      await createPoller(world).tick(START + 5_000);
      for (const record of [silent, untold]) {
        require(updated.has(currentKey(flowLogOf(record.flowLogId)).pk), () =>
          `${record.flowLogId} was passed over`);
      }
      const subjects = world.publisher.published.map((event) => event.body);
      require(subjects.some((body) => body.includes('fl-sound')), 'an event was not told');
      for (const event of world.publisher.published) checkEvent(event);
    } finally {
      client.destroy();
    }
    return world.metrics.counts.has('UnreadableItems') ? 'refused' : 'accepted';
  },
});
