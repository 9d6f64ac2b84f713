import { readdir } from 'node:fs/promises';
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
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { startServer } from '../support/start-server.ts';
import { tempDir } from '../support/temp-dir.ts';

let dir: string;
let sqs: Emulator;
let dynamodb: Emulator;
let eventbridge: Emulator;

beforeEach(async () => {
  dir = await tempDir();
  [sqs, dynamodb] = await Promise.all([startSqs(), startDynamoDb(join(dir, 'tables'))]);
  const clients = createAwsClients({ sqs: sqs.url, dynamodb: dynamodb.url, eventbridge: '' }, LOCAL_ACCESS);
  const deliver = deliverToQueue(clients.sqs);
  eventbridge = await startEventBridge({ region: 'us-east-1', account: '000000000000', deliver });
});

afterEach(() => Promise.all([sqs, dynamodb, eventbridge].map((emulator) => emulator.close())));

it('uses services that are set beforehand, creates what is missing there, and leaves them running', async () => {
  const env = {
    AWS_ENDPOINT_URL_SQS: sqs.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventbridge.url,
    VOLCENGINE_ENDPOINT: 'http://127.0.0.1:9',
  };
  // The second time everything exists.
  for (let time = 0; time < 2; time += 1) {
    const world = await startWorld(env);
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
  expect(await readdir(join(dir, 'data'))).toEqual(['locks']);
  expect((await fetch(dynamodb.url)).ok).toBe(true);
});

const startWorld = (env: Record<string, string>) =>
  startLocalWorld({ port: 0, dataDir: join(dir, 'data'), env, stack: fixtureStack });

it('names each service that gives no answer by its variable, all at once', async () => {
  const silent = await startServer(() => {});
  const refusing = 'http://127.0.0.1:9';
  const named = await silentServices({ sqs: silent, dynamodb: refusing, eventbridge: eventbridge.url }, 200);
  expect(named).toEqual([
    'AWS_ENDPOINT_URL_SQS does not respond: nothing within 0.2 s',
    'AWS_ENDPOINT_URL_DYNAMODB does not respond: ECONNREFUSED',
  ]);
  const started = startWorld({ AWS_ENDPOINT_URL_SQS: silent, AWS_ENDPOINT_URL_DYNAMODB: refusing });
  await expect(started).rejects.toThrow(
    /^AWS_ENDPOINT_URL_SQS does not respond: nothing within 5 s\nAWS_ENDPOINT_URL_DYNAMODB does not respond: ECONNREFUSED$/,
  );
}, 30_000);

it('names each service that answers and is another by its variable', async () => {
  const other = await startServer((_request, response) => response.writeHead(404).end('<p>no such page</p>'));
  const started = startWorld({ AWS_ENDPOINT_URL_SQS: other, AWS_ENDPOINT_URL_EVENTBRIDGE: other });
  await expect(started).rejects.toThrow(/AWS_ENDPOINT_URL_SQS: .+; AWS_ENDPOINT_URL_EVENTBRIDGE: .+/);
}, 30_000);
