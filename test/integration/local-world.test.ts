import { createServer } from 'node:http';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LogRecord } from '../../local/logs/log-record.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { type LocalWorld, startLocalWorld } from '../../local/world.ts';
import { fixtureStack } from '../fixtures/local/stack.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { sendRaw } from '../support/send-raw.ts';
import { tempDir } from '../support/temp-dir.ts';

const patience = { timeout: 20_000, interval: 100 };

let dataDir: string;
let world: LocalWorld;
let sqs: SQSClient;
const records: LogRecord[] = [];

async function start(): Promise<LocalWorld> {
  return startLocalWorld({
    port: 0,
    dataDir,
    env: { POLL_TICK_MS: '123' },
    stack: fixtureStack,
    onLog: (record) => records.push(record),
  });
}

const endWith = endAfterAll();
beforeAll(async () => {
  dataDir = await tempDir(endWith);
  world = await start();
  // The last one: some tests stop it, and start another.
  endWith(() => world.stop());
  sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint: world.description.sqs });
  endWith(() => sqs.destroy());
});

function queueUrl(name: string): string {
  return `${world.description.sqs}/000000000000/flow-log-activator-local-${name}`;
}

/** Takes messages until one satisfies the predicate. */
async function receive(url: string, wanted: (body: string) => boolean): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        if (wanted(Body)) found = Body;
      }
      return found;
    }, patience)
    .toBeDefined();
  return found ?? '';
}

async function send(name: string, body: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(name), MessageBody: body }));
}

describe('what a foreign web page sends', () => {
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site' },
    { host: 'evil.example' },
  ];
  const paths = [
    ['apiUrl', '/do/event'],
    ['apiUrl', '/_local'],
    ['apiUrl', '/2015-03-31/functions/http/invocations'],
    ['sqs', '/'],
    ['dynamodb', '/'],
    ['eventbridge', '/'],
    ['volcengine', '/'],
    ['volcengine', '/_fake/reset'],
  ] as const;

  it.each(paths)('is refused by every server: %s%s', async (server, path) => {
    const url = server === 'apiUrl' ? world.apiUrl : world.description[server];
    const post = (headers: Record<string, string>) =>
      sendRaw(url, { method: 'POST', target: path, headers }, patience.timeout);
    for (const headers of foreign) {
      const { status, text } = await post(headers);
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({ title: 'Forbidden', status: 403 });
    }
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).not.toBe(403);
  });
});

describe('the HTTP API', () => {
  it('runs the function behind a route, with its own environment', async () => {
    const response = await fetch(`${world.apiUrl}/do/environment`);
    expect(response.status).toBe(200);
    const environment: unknown = await response.json();
    expect(environment).toMatchObject({
      NAME: 'http',
      POLL_TICK_MS: '123',
      ACTIVATIONS_TABLE: world.description.table,
      AWS_ENDPOINT_URL_SQS: world.description.sqs,
    });
    expect(environment).not.toHaveProperty('QUEUE_URL');
    expect(environment).not.toHaveProperty('PATH');
  });

  it('hands over the request and takes the response', async () => {
    const response = await fetch(`${world.apiUrl}/do/event?a=1&a=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Mixed': 'Case', cookie: 'c=1' },
      body: '{"a":1}',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-kind')).toBe('echo');
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect(await response.json()).toMatchObject({
      routeKey: 'POST /do/{what}',
      rawPath: '/do/event',
      queryStringParameters: { a: '1,2' },
      pathParameters: { what: 'event' },
      headers: { 'x-mixed': 'Case' },
      cookies: ['c=1'],
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  it.each([
    ['a function error', '/do/throw', 500, 'Internal Server Error'],
    ['a response that is none', '/do/bad-response', 500, 'Internal Server Error'],
    ['a function that takes too long', '/do/hang', 500, 'Internal Server Error'],
    ['an unknown route', '/nowhere', 404, 'Not Found'],
  ])('answers for %s', async (_, path, status, message) => {
    const response = await fetch(world.apiUrl + path);
    expect([response.status, await response.json()]).toEqual([status, { message }]);
  });

  it('refuses a body over 10 MB', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    const response = await fetch(`${world.apiUrl}/do/event`, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  });

  it('says what there is', async () => {
    const response = await fetch(`${world.apiUrl}/_local`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(world.description)));
    expect(world.description).toMatchObject({ bus: 'fixture', table: 'flow-log-activator-local-Table' });
  });
});

describe('queues, rules and schedules', () => {
  it('deletes what succeeded, redelivers what failed, and moves it to the poison queue in the end', async () => {
    for (const body of ['good', 'fail']) await send('WorkQueue', body);
    expect(await receive(queueUrl('PoisonQueue'), () => true)).toBe('fail');
    await expect
      .poll(async () => {
        const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
        const command = new GetQueueAttributesCommand({
          QueueUrl: queueUrl('WorkQueue'),
          AttributeNames: [...names],
        });
        const { Attributes = {} } = await sqs.send(command);
        return names.map((name) => Attributes[name]);
      }, patience)
      .toEqual(['0', '0']);
  });

  it('invokes the function of a matching rule, and copies every event to the queue `events`', async () => {
    await send('WorkQueue', 'to-the-bus');
    const forwarded = await receive(queueUrl('HeardQueue'), (body) => body.includes('to-the-bus'));
    expect(JSON.parse(forwarded)).toEqual({ done: true, body: 'to-the-bus' });
    const event = await receive(world.description.queues.events, (body) => body.includes('to-the-bus'));
    expect(JSON.parse(event)).toMatchObject({
      source: 'fixture',
      'detail-type': 'done',
      detail: { done: true },
    });
  });

  it('fires a rate at the start', async () => {
    const event = await receive(queueUrl('TickQueue'), () => true);
    expect(JSON.parse(event)).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [expect.stringContaining('rule/flow-log-activator-local-TickRule')],
    });
  });
});

describe('processes', () => {
  it('starts functions that have died again, on the same port', async () => {
    const died = world.functionsPid;
    process.kill(died ?? Number.NaN, 'SIGKILL');
    await expect
      .poll(
        () =>
          fetch(`${world.apiUrl}/do/count`).then(
            ({ status }) => status,
            () => 0,
          ),
        patience,
      )
      .toBe(200);
    expect(world.functionsPid).not.toBe(died);
    expect(records.map(({ message }) => message)).toContain(
      'The functions process has ended and is started again',
    );
  });

  it('leaves the queues alone when the functions are killed', async () => {
    await world.killFunctions();
    expect(world.functionsPid).toBeUndefined();
    await send('WorkQueue', 'sent-meanwhile');
    await world.restartFunctions();
    await receive(queueUrl('HeardQueue'), (body) => body.includes('sent-meanwhile'));
  });

  it('refuses a port and a data directory that are in use', async () => {
    await expect(start()).rejects.toThrow(`in use by process ${process.pid}`);
    const taken = createServer();
    const port = await listenOnLoopback(taken, 0);
    onTestFinished(() => closeServer(taken));
    const second = startLocalWorld({ port, dataDir: await tempDir(), stack: fixtureStack });
    await expect(second).rejects.toThrow(`port ${port} is in use`);
  });

  it('keeps the table when it stops, and takes it up again', async () => {
    const item = { pk: { S: 'kept' }, n: { N: '1' } };
    const table = { TableName: world.description.table };
    const before = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: world.description.dynamodb });
    await before.send(new PutItemCommand({ ...table, Item: item }));
    before.destroy();
    const pids = [world.cloudPid, world.functionsPid ?? Number.NaN];
    await world.stop();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');

    world = await start();
    const after = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: world.description.dynamodb });
    const { Item } = await after.send(new GetItemCommand({ ...table, Key: { pk: item.pk } }));
    after.destroy();
    expect(Item).toEqual(item);
  });

  it('tells when the cloud has ended', async () => {
    await world.killCloud();
    await expect(world.cloudExited).resolves.toMatchObject({ signal: 'SIGKILL' });
    expect(records.map(({ message }) => message)).toContain('The cloud process has ended');
  });
});
