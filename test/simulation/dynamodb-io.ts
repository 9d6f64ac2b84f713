import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { IoKind } from './fault-kinds.ts';

const BECOMES: Record<string, IoKind> = {
  queued: 'become queued',
  completed: 'become completed',
  failed: 'become failed',
};

/** What a command is for, read from the command alone. */
export function dynamoDbIo(command: unknown): { kind: IoKind; about: string } {
  if (command instanceof GetItemCommand) {
    const { pk, sk } = keyOf(command.input.Key);
    if (pk.startsWith('B#')) return { kind: 'read batch', about: pk };
    return { kind: sk === '0' ? 'read current' : 'read archived', about: `${pk} ${sk}` };
  }
  if (command instanceof PutItemCommand) {
    const { pk, sk } = keyOf(command.input.Item);
    const about = `${pk} ${sk}`;
    if (pk.startsWith('B#')) return { kind: 'create batch', about };
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
    return { kind: command.input.IndexName === 'due' ? 'query due' : 'query list', about: '' };
  }
  throw new Error('a command of unknown kind');
}

function updateKind(input: UpdateItemCommandInput, pk: string): IoKind {
  const { ExpressionAttributeValues: values = {}, UpdateExpression: change = '' } = input;
  if (pk.startsWith('B#')) return 'move batch due';
  if (values[':if_status']) return 'record outcome';
  if (values[':generation']) return 'redrive';
  if (values[':leaseId']) return 'take lease';
  const becomes = BECOMES[values[':status']?.S ?? ''];
  if (becomes) return becomes;
  if (values[':joiners']) return 'join';
  if (change.includes('#outbox')) return 'clear outbox';
  return change.includes('#absentAt') ? 'note absence' : 'ring again';
}

function keyOf(key: Record<string, { S?: string | undefined }> | undefined): { pk: string; sk: string } {
  return { pk: key?.pk?.S ?? '', sk: key?.sk?.S ?? '' };
}
