import { createServer } from 'node:http';
import fc from 'fast-check';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { context } from '../support/fakes/lambda.ts';
import { oddKey } from './odd-text.ts';
import { defineLoggingSurface } from './output.ts';
import { require, type Surface } from './surface.ts';

const DUE_QUERIES = 4;

const scheduled = fc.record({
  version: fc.constant('0'),
  'detail-type': fc.constant('Scheduled Event'),
  source: fc.constant('aws.events'),
  time: fc.string(),
  resources: fc.array(fc.string()),
  detail: fc.jsonValue(),
});
const event: fc.Arbitrary<unknown> = fc.oneof(
  scheduled,
  fc.anything({ maxDepth: 3 }),
  fc.dictionary(oddKey, fc.jsonValue()),
  fc.constant(undefined),
);

let handler: typeof import('../../functions/poll-activations.ts')['handler'];
let queries = 0;
/** The handler keeps the client that it was first given. */
let portBefore = 0;

/**
 * The deployed handler itself, with an empty table behind the real SDK client. Whatever is no message makes it tick once,
 * and a message that nobody has planned does not.
 */
export const SCHEDULE_SURFACE: Surface = defineLoggingSurface({
  name: 'schedule events',
  inputs: fc.record({ event }),
  hasBothVerdicts: false,
  async open() {
    const table = await startEmptyTable();
    Object.assign(process.env, {
      ACTIVATIONS_TABLE: 'activations',
      ACTIVATION_QUEUE_URL: `${table.url}/queue`,
      DEAD_LETTER_QUEUE_URL: `${table.url}/dead-letters`,
      EVENT_BUS_NAME: 'bus',
      POLL_QUEUE_URL: `${table.url}/polls`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'fuzz',
      AWS_SECRET_ACCESS_KEY: 'fuzz',
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    });
    // Only now: what it is built with is read from the environment.
    handler = (await import('../../functions/poll-activations.ts')).handler;
    return table.close;
  },
  async probe({ event: anyEvent }) {
    queries = 0;
    const result = await handler(anyEvent, context());
    require(result === undefined, 'a schedule has no answer');
    require(queries === DUE_QUERIES, `${queries} queries instead of ${DUE_QUERIES}`);
    return 'accepted';
  },
});

async function startEmptyTable() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      if (body.includes('"IndexName":"due"')) queries += 1;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Items":[],"Count":0}');
    });
  });
  portBefore = await listenOnLoopback(server, portBefore);
  return { url: `http://127.0.0.1:${portBefore}`, close: () => closeServer(server) };
}
