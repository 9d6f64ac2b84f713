import { type Channel, channelsByName } from './asyncapi-channels.ts';
import type { Message } from './asyncapi-messages.ts';

const DESCRIPTION = `\
The messages that flow-log-activator sends and receives, in addition to its HTTP API (openapi.yaml).

- Every event is a CloudEvents 1.0 JSON event. On the bus it is the \`detail\` of an EventBridge event, with \
\`flow-log-activator\` as \`source\` and the event's \`type\` as \`detail-type\`. A webhook has it as its body.
- Delivery is at least once, in any order. Drop what you have seen by the event's \`id\`.
- A version of a type grows only by addition. Ignore fields that you do not know.`;

const HTTP_POST = { http: { method: 'POST', bindingVersion: '0.3.0' } };

type Flow = { action: 'send' | 'receive'; channel: string; summary: string; bindings?: object };

/** By operation id. The document adds one operation per event on the bus. */
const FLOWS: Record<string, Flow> = {
  deliverWebhook: {
    action: 'send',
    channel: 'webhookEndpoints',
    summary: 'Sends a signed event to an endpoint until it returns 2xx, for at most a day.',
    bindings: HTTP_POST,
  },
  sendDeadLetter: {
    action: 'send',
    channel: 'deadLetterQueue',
    summary: 'Sends a dead letter for each failed activation.',
  },
  redriveDeadLetter: {
    action: 'receive',
    channel: 'activationQueue',
    summary: 'Redrives the failed activation of a dead letter, unless it is in a later generation.',
  },
  sendWebhookDeadLetter: {
    action: 'send',
    channel: 'webhookDeadLetterQueue',
    summary: 'Sends a dead letter for each webhook that was not delivered within a day.',
  },
  redeliverWebhook: {
    action: 'receive',
    channel: 'webhookQueue',
    summary: 'Delivers the event of a dead letter again, for another day.',
  },
  startScheduledBatch: {
    action: 'receive',
    channel: 'scheduledBatches',
    summary:
      'Activates the flow logs that the selector of a schedule matches. In dry run it publishes the plan.',
  },
};

/** The AsyncAPI 3.0 document: every event, both kinds of dead letters, and the input of schedules. */
export function asyncApiDocument(version: string): object {
  const channels = channelsByName();
  return {
    asyncapi: '3.0.0',
    id: 'urn:flow-log-activator',
    info: {
      title: 'flow-log-activator',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: {
      eventbridge: awsServer('events', 'eventbridge', 'EventBridge.'),
      sqs: awsServer('sqs', 'sqs', 'SQS.'),
      lambda: awsServer('lambda', 'https', 'Lambda.'),
      endpoint: {
        host: '{host}',
        protocol: 'https',
        description: 'The host of an endpoint. Only public addresses are called.',
        variables: { host: { description: 'From the configured URL.' } },
      },
    },
    channels: mapValues(channels, channelObject),
    operations: { ...publishOperations(channels), ...mapValues(FLOWS, flowObject(channels)) },
    components: { schemas: schemasOf(channels) },
  };
}

function awsServer(service: string, protocol: string, description: string): object {
  return {
    host: `${service}.{region}.amazonaws.com`,
    protocol,
    description,
    variables: { region: { default: 'ap-southeast-1', description: 'The AWS region of the stack.' } },
  };
}

function channelObject({ server, messages, ...channel }: Channel): object {
  return {
    ...channel,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(messages.map((message) => [message.name, messageObject(message)])),
  };
}

function messageObject(message: Message): object {
  return { ...message, payload: { $ref: `#/components/schemas/${message.name}` } };
}

function publishOperations({ eventBus }: Record<string, Channel>): object {
  return Object.fromEntries(
    (eventBus?.messages ?? []).map(({ name, summary }) => [
      `publish${name}`,
      { action: 'send', channel: channelRef('eventBus'), summary, messages: [messageRef('eventBus', name)] },
    ]),
  );
}

function flowObject(channels: Record<string, Channel>) {
  return ({ action, channel, ...flow }: Flow): object => ({
    action,
    channel: channelRef(channel),
    ...flow,
    messages: (channels[channel]?.messages ?? []).map(({ name }) => messageRef(channel, name)),
  });
}

function schemasOf(channels: Record<string, Channel>): object {
  const messages = Object.values(channels).flatMap((channel) => channel.messages);
  return Object.fromEntries(messages.map(({ name, payload }) => [name, payload]));
}

function channelRef(channel: string): object {
  return { $ref: `#/channels/${channel}` };
}

function messageRef(channel: string, message: string): object {
  return { $ref: `#/channels/${channel}/messages/${message}` };
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
