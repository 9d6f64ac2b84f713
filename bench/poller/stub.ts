import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { runAsChild } from '../../local/supervisor/child-side.ts';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { Container } from '../../test/support/virtual/container.ts';
import { NO_FAULTS } from '../../test/support/virtual/faults.ts';
import { SimulatedDynamoDb } from '../../test/support/virtual/simulated-dynamodb.ts';
import { VirtualTime } from '../../test/support/virtual/virtual-time.ts';
import { acceptedItem } from '../growth/stored-items.ts';
import { policyFor } from '../virtual/environment.ts';

const COMMANDS = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  BatchGetItem: BatchGetItemCommand,
  Query: QueryCommand,
};
const Operation = v.picklist(['GetItem', 'PutItem', 'UpdateItem', 'BatchGetItem', 'Query']);
const Message = v.object({ MessageBody: v.string() });
const Events = v.object({ Entries: v.array(v.unknown()) });
const Fill = v.object({ pending: v.number() });

/** The table in memory, SQS, EventBridge and Volcengine at one address, each in its own wire format. */
let table = new SimulatedDynamoDb(new VirtualTime(), new SeededRandom(1), NO_FAULTS);
let status = 'Pending';
const { caller } = new Container('poller', new VirtualTime());

/** So many were just accepted, and nothing else is in the table. */
function fill({ pending }: v.InferOutput<typeof Fill>): void {
  table = new SimulatedDynamoDb(new VirtualTime(), new SeededRandom(1), NO_FAULTS);
  status = 'Pending';
  const policy = policyFor(100_000);
  for (let index = 0; index < pending; index += 1) table.put(acceptedItem(index, Date.now(), policy));
}

function unfinished(): number {
  const activations = [...table.items.values()].filter(({ pk }) => pk?.S?.startsWith('F#'));
  return activations.filter(({ status, outbox }) => status?.S !== 'completed' || outbox?.L?.length !== 0)
    .length;
}

function described(path: string): string {
  const ids = [...new URL(path, 'http://stub').searchParams].filter(([name]) =>
    name.startsWith('FlowLogIds.'),
  );
  const FlowLogs = ids.map(([, FlowLogId]) => ({
    FlowLogId,
    Status: status,
    BusinessStatus: 'Normal',
    LockReason: '',
  }));
  const ResponseMetadata = {
    RequestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    Version: '2020-04-01',
    Service: 'vpc',
  };
  return JSON.stringify({ ResponseMetadata, Result: { FlowLogs } });
}

function answerOf(target: string, asked: string): unknown {
  const [service = '', operation = ''] = target.split('.');
  const body: unknown = JSON.parse(asked);
  if (operation === 'SendMessage') {
    const { MessageBody } = v.parse(Message, body);
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    return { MessageId: 'message-1', MD5OfMessageBody };
  }
  if (operation === 'DescribeEventBus') return { Name: 'bench' };
  if (operation === 'PutEvents') {
    const { Entries } = v.parse(Events, body);
    return { FailedEntryCount: 0, Entries: Entries.map((_, index) => ({ EventId: `event-${index}` })) };
  }
  if (!service.startsWith('DynamoDB_')) throw new Error(`nobody should ask for ${target}`);
  // The bench invokes each tick itself: none is ever planned.
  if (asked.includes('"C#poller"')) return {};
  return table.execute(Reflect.construct(COMMANDS[v.parse(Operation, operation)], [body]), caller);
}

async function respondTo(request: IncomingMessage): Promise<string> {
  const { url = '' } = request;
  const asked = await text(request);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return JSON.stringify(answerOf(target, asked));
  if (url === '/fill') fill(v.parse(Fill, JSON.parse(asked)));
  else if (url === '/become-active') status = 'Active';
  else if (url === '/unfinished') return JSON.stringify({ count: unfinished() });
  else return described(url);
  return '{}';
}

function send(response: ServerResponse, httpStatus: number, body: string): void {
  response.writeHead(httpStatus, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': 'B3OKM8TJ1VMG0T2HQ4B2J1N1SVVV4KQNSO5AEMVJF66Q9ASUAAJG',
  });
  response.end(body);
}

async function start() {
  const server = createServer({ noDelay: true }, (request, response) => {
    respondTo(request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        console.error(error);
        send(response, 400, JSON.stringify({ message: String(error) }));
      },
    );
  });
  server.keepAliveTimeout = 60_000;
  const port = await listenOnLoopback(server, 0);
  return { ready: { host: `127.0.0.1:${port}` }, stop: () => closeServer(server) };
}

runAsChild(v.object({}), start);
