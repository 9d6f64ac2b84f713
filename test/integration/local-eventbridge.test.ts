import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import * as v from 'valibot';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startEventBridge } from '../../local/eventbridge/server.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';

type Delivery = { arn: string; body: unknown };

let emulator: Awaited<ReturnType<typeof startEventBridge>>;
let client: EventBridgeClient;
let deliveries: Delivery[];
let refusingArn: string | undefined;

beforeEach(async () => {
  deliveries = [];
  refusingArn = undefined;
  emulator = await startEventBridge({
    region: 'eu-west-1',
    account: '123456789012',
    async deliver({ arn }, body) {
      if (arn === refusingArn) throw new Error('the queue is gone');
      deliveries.push({ arn, body: JSON.parse(body) });
    },
  });
  onTestFinished(() => emulator.close());
  client = new EventBridgeClient({ ...LOCAL_ACCESS, endpoint: emulator.url, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  await client.send(new CreateEventBusCommand({ Name: 'shop' }));
});

const good: PutEventsRequestEntry = {
  EventBusName: 'shop',
  Source: 'orders',
  DetailType: 'placed',
  Detail: '{"total":42}',
};

function putEvents(...Entries: PutEventsRequestEntry[]) {
  return client.send(new PutEventsCommand({ Entries }));
}

async function putRule(pattern: unknown, ...Targets: Target[]): Promise<void> {
  const rule = { Name: 'rule', EventBusName: 'shop' };
  await client.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }));
  await client.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName: 'shop', Targets }));
}

it('keeps the latest 500 events that a bus has taken, newest first', async () => {
  await putEvents({ ...good, EventBusName: 'missing' });
  for (let batch = 0; batch < 51; batch += 1) {
    await putEvents(
      ...Array.from({ length: 10 }, (_, n) => ({ ...good, Detail: `{"total":${batch * 10 + n}}` })),
    );
  }
  const { events } = v.parse(
    v.object({
      events: v.array(v.object({ at: v.string(), event: v.looseObject({ detail: v.unknown() }) })),
    }),
    await (await fetch(`${emulator.url}/_local/events`)).json(),
  );
  expect(events).toHaveLength(500);
  expect(events[0]?.event).toMatchObject({ 'detail-type': 'placed', detail: { total: 509 } });
  expect(events.at(-1)?.event.detail).toEqual({ total: 10 });
});

const toQueue = { Id: '1', Arn: 'arn:queue' };

describe('PutEvents', () => {
  it.each<[string, Partial<PutEventsRequestEntry>, string]>([
    ['no Source', { Source: undefined }, 'InvalidArgument'],
    ['an empty Source', { Source: '' }, 'InvalidArgument'],
    ['no DetailType', { DetailType: undefined }, 'InvalidArgument'],
    ['no Detail', { Detail: undefined }, 'InvalidArgument'],
    ['a DetailType that is too long', { DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
    ['a Detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a Detail that is a list', { Detail: '[]' }, 'MalformedDetail'],
    ['a Detail that is text', { Detail: '"x"' }, 'MalformedDetail'],
    ['a Source of AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
  ])('refuses an entry with %s, and takes the others', async (_, wrong, code) => {
    const result = await putEvents(good, { ...good, ...wrong }, good);
    expect(result.FailedEntryCount).toBe(1);
    expect(result.Entries).toEqual([
      { EventId: expect.any(String) },
      { ErrorCode: code, ErrorMessage: expect.any(String) },
      { EventId: expect.any(String) },
    ]);
  });

  it.each([
    ['without entries', []],
    ['with more than ten entries', Array<PutEventsRequestEntry>(11).fill(good)],
    ['over 256 kB in all', [good, { ...good, Detail: JSON.stringify({ text: 'x'.repeat(262_144) }) }]],
  ])('refuses a request %s', async (_, entries) => {
    await expect(putEvents(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('succeeds for a bus that does not exist', async () => {
    const result = await putEvents({ ...good, EventBusName: 'missing' });
    expect(result.FailedEntryCount).toBe(0);
    expect(deliveries).toEqual([]);
  });

  it('answers when the targets of matching rules have the event', async () => {
    await putRule({ detail: { total: [{ numeric: ['>', 40] }] } }, toQueue);
    const Time = new Date('2026-03-12T19:03:58.400Z');
    const matching = { ...good, Time, Resources: ['arn:r'] };
    const { Entries } = await putEvents(matching, { ...good, Detail: '{"total":1}' });
    const event = {
      version: '0',
      id: Entries?.[0]?.EventId,
      source: 'orders',
      'detail-type': 'placed',
      account: '123456789012',
      region: 'eu-west-1',
      time: '2026-03-12T19:03:58Z',
      resources: ['arn:r'],
      detail: { total: 42 },
    };
    expect(deliveries).toEqual([{ arn: 'arn:queue', body: event }]);
  });

  it('gives targets the part or the constant that they ask for', async () => {
    const part = { Id: 'part', Arn: 'arn:part', InputPath: '$.detail.total' };
    const constant = { Id: 'constant', Arn: 'arn:constant', Input: '{"a":1}' };
    await putRule({ source: ['orders'] }, part, constant);
    await putEvents(good);
    expect(deliveries).toEqual([
      { arn: 'arn:part', body: 42 },
      { arn: 'arn:constant', body: { a: 1 } },
    ]);
  });

  it('fails the entry whose target does not take it', async () => {
    refusingArn = 'arn:queue';
    await putRule({ source: ['orders'] }, toQueue);
    const result = await putEvents(good, { ...good, Source: 'other' });
    expect(result.Entries).toMatchObject([{ ErrorCode: 'InternalFailure' }, { EventId: expect.any(String) }]);
    expect(result.FailedEntryCount).toBe(1);
  });

  it('sends nothing to a disabled rule', async () => {
    await putRule({ source: ['orders'] }, toQueue);
    const EventPattern = JSON.stringify({ source: ['orders'] });
    await client.send(
      new PutRuleCommand({ Name: 'rule', EventBusName: 'shop', EventPattern, State: 'DISABLED' }),
    );
    await putEvents(good);
    expect(deliveries).toEqual([]);
  });
});

describe('buses and rules', () => {
  it('describes a bus, by name or ARN', async () => {
    const Arn = 'arn:aws:events:eu-west-1:123456789012:event-bus/shop';
    for (const Name of ['shop', Arn]) {
      const bus = await client.send(new DescribeEventBusCommand({ Name }));
      expect(bus).toMatchObject({ Name: 'shop', Arn });
    }
  });

  it('knows no other bus', async () => {
    const describeMissing = client.send(new DescribeEventBusCommand({ Name: 'missing' }));
    await expect(describeMissing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('does not create a bus twice', async () => {
    const createAgain = client.send(new CreateEventBusCommand({ Name: 'shop' }));
    await expect(createAgain).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });

  it('refuses a pattern with an operator that it does not know', async () => {
    await expect(putRule({ source: [{ regex: '.*' }] })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
  });

  it('refuses what it cannot carry out for a target', async () => {
    const transformer = { Id: '1', Arn: 'arn:q', InputTransformer: { InputTemplate: '"x"' } };
    await expect(putRule({ source: ['a'] }, transformer)).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const path = { Id: '1', Arn: 'arn:q', InputPath: '$.detail[0]' };
    await expect(putRule({ source: ['a'] }, path)).rejects.toThrow('InputPath');
  });
});
