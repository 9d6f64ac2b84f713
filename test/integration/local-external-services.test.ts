import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAwsClients } from '../../local/cloud/aws-clients.ts';
import { deliverToQueue } from '../../local/cloud/deliver-to-queue.ts';
import { startDynamoDb } from '../../local/cloud/dynamodb-emulator.ts';
import type { Emulator } from '../../local/cloud/emulator.ts';
import { startSqs } from '../../local/cloud/sqs-emulator.ts';
import { startEventBridge } from '../../local/eventbridge/server.ts';
import { silentServices } from '../../local/external-services.ts';
import { startLocalWorld } from '../../local/world.ts';
import { fixtureStack } from '../fixtures/local/stack.ts';

const access = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

let dir: string;
let sqs: Emulator;
let dynamodb: Emulator;
let eventbridge: Emulator;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'local-external-'));
  [sqs, dynamodb] = await Promise.all([startSqs(), startDynamoDb(join(dir, 'tables'))]);
  const clients = createAwsClients({ sqs: sqs.url, dynamodb: dynamodb.url, eventbridge: '' }, access);
  const deliver = deliverToQueue(clients.sqs);
  eventbridge = await startEventBridge({ region: 'us-east-1', account: '000000000000', deliver });
});

afterEach(async () => {
  await Promise.all([sqs, dynamodb, eventbridge].map((emulator) => emulator.close()));
  await rm(dir, { recursive: true });
});

it('uses services that are set beforehand, creates what is missing there, and leaves them running', async () => {
  const dataDir = join(dir, 'data');
  const env = {
    AWS_ENDPOINT_URL_SQS: sqs.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventbridge.url,
    VOLCENGINE_ENDPOINT: 'http://127.0.0.1:9',
  };
  // The second time everything exists.
  for (let time = 0; time < 2; time += 1) {
    const world = await startLocalWorld({ port: 0, dataDir, env, stack: fixtureStack });
    try {
      expect(world.description).toMatchObject({
        sqs: sqs.url,
        dynamodb: dynamodb.url,
        eventbridge: eventbridge.url,
        volcengine: env.VOLCENGINE_ENDPOINT,
        queues: { events: `${sqs.url}/000000000000/events` },
      });
      const response = await fetch(`${world.apiUrl}/do/environment`);
      expect(await response.json()).toMatchObject(env);
    } finally {
      await world.stop();
    }
  }
  expect(await readdir(dataDir)).toEqual(['locks']);
  expect((await fetch(dynamodb.url)).ok).toBe(true);
});

/** Takes connections and says nothing. */
async function startSilent() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: urlOf(server), close };
}

function urlOf(server: { address(): AddressInfo | string | null }): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

it('names each service that gives no answer by its variable, all at once', async () => {
  const silent = await startSilent();
  const refusing = 'http://127.0.0.1:9';
  try {
    expect(
      await silentServices({ sqs: silent.url, dynamodb: refusing, eventbridge: eventbridge.url }, 200),
    ).toEqual([
      'AWS_ENDPOINT_URL_SQS does not respond: nothing within 0.2 s',
      'AWS_ENDPOINT_URL_DYNAMODB does not respond: ECONNREFUSED',
    ]);
    const env = { AWS_ENDPOINT_URL_SQS: silent.url, AWS_ENDPOINT_URL_DYNAMODB: refusing };
    await expect(
      startLocalWorld({ port: 0, dataDir: join(dir, 'data'), env, stack: fixtureStack }),
    ).rejects.toThrow(
      /^AWS_ENDPOINT_URL_SQS does not respond: nothing within 5 s\nAWS_ENDPOINT_URL_DYNAMODB does not respond: ECONNREFUSED$/,
    );
  } finally {
    silent.close();
  }
}, 30_000);

it('names each service that answers and is another by its variable', async () => {
  const other = createHttpServer((_request, response) => response.writeHead(404).end('<p>no such page</p>'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const env = { AWS_ENDPOINT_URL_SQS: urlOf(other), AWS_ENDPOINT_URL_EVENTBRIDGE: urlOf(other) };
  try {
    await expect(
      startLocalWorld({ port: 0, dataDir: join(dir, 'data'), env, stack: fixtureStack }),
    ).rejects.toThrow(/AWS_ENDPOINT_URL_SQS: .+; AWS_ENDPOINT_URL_EVENTBRIDGE: .+/);
  } finally {
    other.close();
  }
}, 30_000);
