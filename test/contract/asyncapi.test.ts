import { readFile } from 'node:fs/promises';
import { type AsyncAPIDocumentInterface, Parser } from '@asyncapi/parser';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import { deadLetterOf } from '../../lib/activation/model/outbox-events.ts';
import { parseSecret, signedHeaders } from '../../lib/webhooks/outbound/sign.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { channelsByName } from '../../scripts/contracts/asyncapi-channels.ts';
import type { Message } from '../../scripts/contracts/asyncapi-messages.ts';
import { eventContracts } from '../../scripts/contracts/event-contracts.ts';
import { aFailedActivation } from '../support/builders/activations.ts';
import { START } from '../support/fakes/activations.ts';
import { without, wrongTypes } from './documents/breakages.ts';
import { emptySchemas } from './documents/empty-schemas.ts';
import { closed, createValidator, faultsOf } from './documents/strict-schema.ts';
import { resourcesOf } from './template-resources.ts';

const text = await readFile(new URL('../../contracts/asyncapi.yaml', import.meta.url), 'utf8');
const document: Record<string, unknown> = parse(text);

/** Errors and warnings; not that AsyncAPI has a later version, which is but information. */
async function judge(source: string) {
  const { document: read, diagnostics } = await new Parser().parse(source);
  const found = diagnostics.filter(({ severity }) => severity <= 1);
  return { read, problems: found.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`) };
}

function messagesOf(read: AsyncAPIDocumentInterface | undefined, channelId: string) {
  return read?.channels().get(channelId)?.messages().all() ?? [];
}

const messages: Message[] = Object.values(channelsByName()).flatMap((channel) => channel.messages);

/** A dead letter carries its event along untouched, and describes little of it. */
const CARRIER = 'WebhookDeadLetter';

/** Of the schema of a message's payload. */
const validatorOf = ({ name, payload }: Message) =>
  createValidator().compile(name === CARRIER ? payload : Object.assign({}, closed(payload)));

describe('the AsyncAPI parser', () => {
  test('finds no error and no warning', async () => {
    expect((await judge(text)).problems).toEqual([]);
  });

  const lost = { action: 'send', channel: { $ref: '#/channels/none' } };
  const queue = { address: 'a', bindings: { sqs: { bindingVersion: '0.0.0', queue: { name: 'a' } } } };
  test.each([
    ['no title', { info: { version: '1' } }, /title/],
    ['an operation on a channel that is not there', { operations: { lost } }, /invalid-ref|unresolved/i],
    ['a binding that does not exist', { channels: { queue } }, /bindingVersion/],
  ])('finds %s', async (_, broken, problem) => {
    const { problems } = await judge(stringify({ ...document, ...broken }));
    expect(problems.join('\n')).toMatch(problem);
  });

  test.each(['eventBus', 'webhookEndpoints'])('reads every event from %s', async (channel) => {
    const { read } = await judge(text);
    const found = messagesOf(read, channel);
    expect(found.map((message) => message.title())).toEqual(Object.keys(EVENT_SCHEMAS));
    const examples = found.map((message) => message.examples().all()[0]?.payload());
    expect(examples).toEqual(eventContracts().map(({ example }) => example));
  });

  test('reads operations both ways, each with messages', async () => {
    const operations = (await judge(text)).read?.operations().all() ?? [];
    expect(operations.filter((operation) => operation.messages().all().length === 0)).toEqual([]);
    expect(new Set(operations.map((operation) => operation.action()))).toEqual(new Set(['send', 'receive']));
  });
});

describe('the examples, by ajv', () => {
  test('each is valid and wholly described', () => {
    for (const message of messages) {
      const faults = message.examples.flatMap(({ payload }) => faultsOf(validatorOf(message), payload));
      expect([message.name, faults]).toEqual([message.name, []]);
    }
  });

  test('each is refused once it is broken', () => {
    for (const message of messages) {
      const validate = validatorOf(message);
      for (const { payload } of message.examples) {
        const breakages = [...wrongTypes(payload), ...without(payload, message.payload.required ?? [])];
        const known = breakages.filter(
          ({ what }) => message.name !== CARRIER || !/^\/event\/(?!id|type)/.test(what),
        );
        const accepted = known.filter(({ value }) => faultsOf(validate, value).length === 0);
        expect([message.name, accepted.map(({ what }) => what)]).toEqual([message.name, []]);
      }
    }
  });

  test('no schema lets everything through', () => {
    expect(emptySchemas(document)).toEqual([]);
  });
});

test('a dead letter is as documented', () => {
  const deadLetter: unknown = JSON.parse(JSON.stringify(deadLetterOf(aFailedActivation('frozen'))));
  const message = messages.find(({ name }) => name === 'DeadLetter');
  expect(message && faultsOf(validatorOf(message), deadLetter)).toEqual([]);
});

test('the headers of a webhook are those that are sent', () => {
  const key = parseSecret(`whsec_${Buffer.alloc(32).toString('base64')}`);
  const sent = signedHeaders([key], { webhookId: 'msg_1', at: START, body: '{}' });
  const documented = channelsByName().webhookEndpoints?.messages.map(({ headers }) => headers);
  for (const headers of documented ?? []) {
    expect(headers).toMatchObject({ required: Object.keys(sent) });
    expect(faultsOf(createValidator().compile(Object.assign({}, closed(headers))), sent)).toEqual([]);
  }
});

test('every queue is in the template, kept as long as documented, and has an output', async () => {
  const template = await compileTemplate();
  const queues = resourcesOf(template, 'AWS::SQS::Queue');
  for (const { bindings, description } of Object.values(channelsByName())) {
    if (bindings === undefined) continue;
    const { name, messageRetentionPeriod } = bindings.sqs.queue;
    const queue = queues.find(({ logicalId }) => logicalId === name);
    expect(queue?.Properties).toMatchObject({ MessageRetentionPeriod: messageRetentionPeriod });
    expect(Object.keys(template.Outputs)).toContain(`${name}Url`);
    expect(description).toContain(`\`${name}Url\``);
  }
}, 120_000);
