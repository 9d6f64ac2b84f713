import { createServer, type RequestListener } from 'node:http';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { BUSY_CLIENT_OPTIONS } from '../../lib/aws/busy-client-options.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { endAfterAll } from '../support/end-after-all.ts';

const endWith = endAfterAll();

async function clientOf(respond: RequestListener, maxAttempts: number) {
  const server = createServer(respond);
  const port = await listenOnLoopback(server, 0);
  endWith(() => closeServer(server));
  return new DynamoDBClient({
    ...BUSY_CLIENT_OPTIONS,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
}

const get = () => new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' }, sk: { S: '0' } } });

test('a call that gets no response fails', async () => {
  const client = await clientOf(() => {}, 1);
  await expect(client.send(get())).rejects.toMatchObject({ name: 'TimeoutError' });
}, 20_000);

test('a call whose connection was closed is repeated', async () => {
  let calls = 0;
  const respond: RequestListener = (request, response) => {
    calls += 1;
    if (calls === 1) request.socket.destroy();
    else response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"Item":{"pk":{"S":"a"}}}');
  };
  const client = await clientOf(respond, 2);
  expect(await client.send(get())).toMatchObject({ Item: { pk: { S: 'a' } } });
});
