import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { Exchange } from '../support/virtual/outside.ts';
import { POLL_QUEUE, WORK_QUEUE } from '../support/virtual/queues.ts';
import type { IoKind } from './fault-kinds.ts';

/** What an exchange is for, and more of it for the trace. */
export type Io = { kind: IoKind; about: string };

const toVolcengine = v.object({ path: v.string() });
const CHANGE = /Action=(?:Dea|A)ctiveFlowLog/;
const FLOW_LOG_IDS = /FlowLogId(?:s\.1)?=([^&]*)/;

/** What is asked of a service, read from that alone. */
export function ioOf(service: Exchange<unknown>['service'], asked: unknown): Io {
  switch (service) {
    case 'dynamodb':
      return dynamoDbIo(asked);
    case 'sqs':
      return sqsIo(asked);
    case 'eventbridge':
      return { kind: asked instanceof PutEventsCommand ? 'PutEvents' : 'DescribeEventBus', about: '' };
    case 'credentials':
      return { kind: 'read credentials', about: '' };
    case 'webhook':
      return { kind: 'POST webhook', about: String(asked) };
    case 'volcengine':
      return volcengineIo(v.parse(toVolcengine, asked).path);
  }
}

function volcengineIo(path: string): Io {
  const [, about] = FLOW_LOG_IDS.exec(path) ?? [];
  if (about === undefined) return { kind: 'find flow logs', about: '' };
  // The worker makes either call in the same place.
  return { kind: CHANGE.test(path) ? 'ActiveFlowLog' : 'DescribeFlowLogs', about };
}

function sqsIo(command: unknown): Io {
  if (command instanceof SendMessageCommand) {
    const { QueueUrl, MessageBody = '' } = command.input;
    return QueueUrl === POLL_QUEUE
      ? { kind: 'send tick', about: MessageBody }
      : { kind: 'poison', about: '' };
  }
  if (!(command instanceof SendMessageBatchCommand)) throw new Error('a command of unknown kind');
  const about = (command.input.Entries ?? []).map(({ MessageBody }) => MessageBody?.slice(0, 60)).join();
  return { kind: command.input.QueueUrl === WORK_QUEUE ? 'enqueue' : 'send deadLetters', about };
}

const BECOMES: Record<string, IoKind> = {
  queued: 'become queued',
  completed: 'become completed',
  failed: 'become failed',
};

/** What a command is for, read from the command alone. */
export function dynamoDbIo(command: unknown): Io {
  if (command instanceof GetItemCommand) {
    const { pk, sk } = keyOf(command.input.Key);
    if (pk.startsWith('B#')) return { kind: 'read batch', about: pk };
    if (pk.startsWith('C#')) return { kind: 'read checkpoint', about: pk };
    if (pk.startsWith('P#')) return { kind: 'read plan', about: pk };
    if (pk.startsWith('Q#')) return { kind: 'read quota', about: pk };
    if (pk.startsWith('O#')) return { kind: 'read operation', about: pk };
    return { kind: sk === '0' ? 'read current' : 'read archived', about: `${pk} ${sk}` };
  }
  if (command instanceof PutItemCommand) {
    const { pk, sk } = keyOf(command.input.Item);
    const about = `${pk} ${sk}`;
    if (pk.startsWith('B#')) return { kind: 'create batch', about };
    if (pk.startsWith('C#')) return { kind: 'save checkpoint', about };
    if (pk.startsWith('Q#')) return { kind: 'write quota', about };
    if (pk.startsWith('O#')) return { kind: sk === '0' ? 'create operation' : 'write refusals', about };
    if (pk.startsWith('P#')) return { kind: sk === '0' ? 'store plan' : 'store plan chunk', about };
    if (sk.startsWith('A#')) return { kind: 'archive', about };
    if (sk.startsWith('J#')) return { kind: 'mark joiner', about };
    const opens = command.input.ConditionExpression?.startsWith('attribute_not_exists');
    return { kind: opens ? 'open' : 'replace', about };
  }
  if (command instanceof UpdateItemCommand) {
    const { pk, sk } = keyOf(command.input.Key);
    return { kind: updateKind(command.input, pk), about: `${pk} ${sk}` };
  }
  if (command instanceof BatchGetItemCommand) return { kind: 'read many', about: '' };
  if (command instanceof QueryCommand) {
    const { IndexName, ExpressionAttributeValues: values = {} } = command.input;
    if (IndexName === 'due') return { kind: 'query due', about: '' };
    return { kind: values[':bucket'] ? 'query completed' : 'query list', about: '' };
  }
  throw new Error('a command of unknown kind');
}

function updateKind(input: UpdateItemCommandInput, pk: string): IoKind {
  const { ExpressionAttributeValues: values = {}, UpdateExpression: change = '' } = input;
  if (pk.startsWith('B#')) return batchUpdateKind(input);
  if (pk.startsWith('P#')) return 'mark plan executed';
  if (pk.startsWith('O#')) return 'write operation';
  if (values[':drift']) return 'note drift';
  if (values[':if_status']) return 'record outcome';
  if (values[':generation']) return 'redrive';
  if (values[':leaseId']) return 'take lease';
  const becomes = BECOMES[values[':status']?.S ?? ''];
  if (becomes) return becomes;
  if (values[':joiners']) return 'join';
  if (change.includes('#outbox')) return 'clear outbox';
  return change.includes('#absentAt') ? 'note absence' : 'requeue';
}

function batchUpdateKind({
  ExpressionAttributeValues: values = {},
  UpdateExpression: change = '',
}: UpdateItemCommandInput): IoKind {
  if (values[':completed']) return 'end batch';
  return change.includes('REMOVE') ? 'clear batch' : 'move batch due';
}

function keyOf(key: Record<string, { S?: string | undefined }> | undefined): { pk: string; sk: string } {
  return { pk: key?.pk?.S ?? '', sk: key?.sk?.S ?? '' };
}
