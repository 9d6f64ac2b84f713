import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { Pool } from 'undici';
import { signGet } from '../../../lib/volcengine/sign.ts';

/*
 * What the worker's happy path must send for each record, written out: the same four calls with the same SDK client
 * and undici, the same signature, and nothing else. The quota is read and written once for the records of an event. No state is read from what comes back, nothing is checked,
 * logged, counted or retried. It is what the worker is measured against, and no way to do it.
 */
const { ACTIVATIONS_TABLE: TableName, VOLCENGINE_ENDPOINT: endpoint = '' } = process.env;
const { VOLCENGINE_ACCESS_KEY: accessKeyId = '', VOLCENGINE_SECRET_KEY: secretAccessKey = '' } = process.env;
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
const dynamodb = new DynamoDBClient({ requestHandler });
const pool = new Pool(endpoint, { connections: 32 });
const { host } = new URL(endpoint);

type ActivationJob = { activationId: string; generation: number };

export async function handler(event: SQSEvent) {
  const jobs: ActivationJob[] = event.Records.map(({ body }) => JSON.parse(body));
  await Promise.all(jobs.map((job) => read(keyOf(job))));
  await takeTokens(jobs.length);
  await Promise.all(jobs.map(activate));
  return { batchItemFailures: [] };
}

const read = (Key: ItemKey) => dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));

const partsOf = (activationId: string) => {
  const [account = '', region = '', flowLogId = ''] = activationId.split('.');
  return { account, region, flowLogId };
};

function keyOf({ activationId }: ActivationJob): ItemKey {
  const { account, region, flowLogId } = partsOf(activationId);
  return { pk: { S: `F#${account}#${region}#${flowLogId}` }, sk: { S: '0' } };
}

async function takeTokens(count: number): Promise<void> {
  const Key = { pk: { S: 'Q#default' }, sk: { S: '0' } };
  await read(Key);
  const now = Date.now();
  const zero = { N: '0' };
  const Item = {
    ...Key,
    usedUntil: { N: String(now + count) },
    plannedUntil: zero,
    repeatedUntil: zero,
    slowedTo: { N: '1' },
    slowedAt: zero,
    writtenAt: { N: String(now) },
    version: { N: '1' },
  };
  await dynamodb.send(
    new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(version)' }),
  );
}

async function activate(job: ActivationJob): Promise<void> {
  const { activationId, generation } = job;
  const { region, flowLogId } = partsOf(activationId);
  const Key = keyOf(job);
  const now = Date.now();
  await dynamodb.send(lease(Key, activationId, now));
  const ClientToken = 'mZ3Yx0cM2u7c6uQz1q3n8Jm0Yv6r1k2bX5t9w4e7h8A';
  const query = { FlowLogId: flowLogId, ClientToken, Action: 'ActiveFlowLog', Version: '2020-04-01' };
  const credentials = { accessKeyId, secretAccessKey };
  const { path, headers } = signGet({ credentials, service: 'vpc', region, host, query, timeMs: now });
  const { body } = await pool.request({ method: 'GET', path, headers });
  const { ResponseMetadata } = JSON.parse(await body.text());
  await dynamodb.send(outcome(Key, activationId, generation, ResponseMetadata.RequestId, Date.now()));
}

type ItemKey = { pk: { S: string }; sk: { S: string } };

function lease(Key: ItemKey, activationId: string, now: number) {
  return new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression:
      'SET #version = #version + :one, #attempts = :attempts, #updatedAt = :updatedAt, #leaseUntil = :leaseUntil, #leaseId = :leaseId',
    ConditionExpression: '#version = :if_version AND #activationId = :if_activationId',
    ExpressionAttributeNames: {
      '#version': 'version',
      '#attempts': 'attempts',
      '#updatedAt': 'updatedAt',
      '#leaseUntil': 'leaseUntil',
      '#leaseId': 'leaseId',
      '#activationId': 'activationId',
    },
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ':attempts': { N: '1' },
      ':updatedAt': { N: String(now) },
      ':leaseUntil': { N: String(now + 15_000) },
      ':leaseId': { S: '3b241101-e2bb-4255-8caf-4136c566a962' },
      ':if_version': { N: '1' },
      ':if_activationId': { S: activationId },
    },
  });
}

function outcome(Key: ItemKey, activationId: string, generation: number, requestId: string, now: number) {
  const at = { N: String(now) };
  const entry = (event: string, attempt: string) => ({
    M: { at, generation: { N: '1' }, attempt: { N: attempt }, event: { S: event } },
  });
  return new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression:
      'SET #version = #version + :one, #status = :status, #updatedAt = :updatedAt, #history = :history, #outbox = :outbox, #dueAt = :dueAt, #pendingAt = :pendingAt, #pendingDeadlineAt = :pendingDeadlineAt, #accepted = :accepted, #requestId = :requestId, #submittedJoiners = :submittedJoiners REMOVE #leaseUntil, #leaseId',
    ConditionExpression:
      '#activationId = :if_activationId AND #generation = :if_generation AND #attempts = :if_attempts AND #leaseId = :if_leaseId AND #status = :if_status',
    ExpressionAttributeNames: {
      '#version': 'version',
      '#status': 'status',
      '#updatedAt': 'updatedAt',
      '#history': 'history',
      '#outbox': 'outbox',
      '#dueAt': 'dueAt',
      '#pendingAt': 'pendingAt',
      '#pendingDeadlineAt': 'pendingDeadlineAt',
      '#accepted': 'accepted',
      '#requestId': 'requestId',
      '#submittedJoiners': 'submittedJoiners',
      '#leaseUntil': 'leaseUntil',
      '#leaseId': 'leaseId',
      '#activationId': 'activationId',
      '#generation': 'generation',
      '#attempts': 'attempts',
    },
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ':status': { S: 'pending' },
      ':updatedAt': at,
      ':history': { L: [entry('opened', '0'), entry('accepted', '1')] },
      ':outbox': { L: [{ S: 'submitted#1' }] },
      ':dueAt': at,
      ':pendingAt': at,
      ':pendingDeadlineAt': { N: String(now + 1_800_000) },
      ':accepted': { BOOL: true },
      ':requestId': { S: requestId },
      ':submittedJoiners': { N: '0' },
      ':if_activationId': { S: activationId },
      ':if_generation': { N: String(generation) },
      ':if_attempts': { N: '1' },
      ':if_leaseId': { S: '3b241101-e2bb-4255-8caf-4136c566a962' },
      ':if_status': { S: 'queued' },
    },
  });
}
