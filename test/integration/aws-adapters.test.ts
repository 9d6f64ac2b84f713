import { text } from 'node:stream/consumers';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEventBridgePublisher } from '../../lib/aws/eventbridge-publisher.ts';
import { createSecretReader } from '../../lib/aws/secrets-manager-credentials.ts';
import { createSqsActivationQueue } from '../../lib/aws/sqs-activation-queue.ts';
import { createSqsDeadLetterQueue } from '../../lib/aws/sqs-dead-letter-queue.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { START } from '../support/fakes/activations.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { startServer } from '../support/start-server.ts';
import { receiveAll, startQueues } from './start-queues.ts';

const ONCE = { ...LOCAL_ACCESS, maxAttempts: 1 };

const endWith = endAfterAll();

type Answer = { status: number; body: unknown };
const refusing = (status: number, __type: string): Answer => ({ status, body: { __type } });

/** An AWS JSON service that answers what the test says, and remembers what it was asked. */
async function startScripted(answer: (target: string, request: Record<string, unknown>) => Answer) {
  const requests: { target: string; body: Record<string, unknown> }[] = [];
  const url = await startServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body: Record<string, unknown> = JSON.parse(await text(request));
    requests.push({ target, body });
    const answered = answer(target, body);
    response.writeHead(answered.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answered.body));
  }, endWith);
  return { url, requests };
}

describe('the work queue and the dead-letter queue, on SQS', () => {
  let client: SQSClient;
  let queueUrl: string;
  let poisonUrl: string;
  let log: RecordingLog;

  beforeAll(async () => {
    ({ client } = await startQueues(endWith));
  });

  let unique = 0;
  beforeEach(async () => {
    log = new RecordingLog();
    const create = async (QueueName: string) =>
      (await client.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
    queueUrl = await create(`queue-${++unique}`);
    poisonUrl = await create(`poison-${unique}`);
  });

  test('enqueues more jobs than one batch holds', async () => {
    const queue = createSqsActivationQueue(client, queueUrl, log);
    const jobs = Array.from({ length: 25 }, (_, index) => ({
      job: { activationId: `a-${index}`, generation: 1 },
      delayMs: 0,
    }));
    expect(await queue.enqueue(jobs)).toEqual({ failed: 0 });
    const bodies = (await receiveAll(client, queueUrl)).map(({ Body = '' }) => JSON.parse(Body));
    expect(bodies).toHaveLength(25);
    expect(bodies).toEqual(expect.arrayContaining(jobs.map(({ job }) => job)));
  });

  test('a poison message keeps its body and has its reason', async () => {
    const queue = createSqsActivationQueue(client, queueUrl, log, poisonUrl);
    await queue.poison('{"what"', 'not JSON');
    await queue.poison('', 'empty');
    const received = await receiveAll(client, poisonUrl);
    expect(received.map(({ Body }) => Body).sort()).toEqual(['(empty)', '{"what"']);
    const reasons = received.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue);
    expect(reasons.sort()).toEqual(['empty', 'not JSON']);
    await expect(createSqsActivationQueue(client, queueUrl, log).poison('x', 'y')).rejects.toThrow(
      'no poison queue',
    );
  });

  const entryOf = (activationId: string) => ({
    id: `${activationId}.1.dead-letter`,
    deadLetter: {
      activationId,
      generation: 1,
      reason: 'frozen',
      attempts: 1,
      history: [],
      redriveHelps: true,
    },
    ids: { activationId, flowLogId: 'fl-1', batchId: 'b-1' },
  });
  const successOf = (entries: { Id: string }[]) =>
    entries.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' }));
  async function clientOf(answer: (request: Record<string, unknown>) => Answer) {
    const { url, requests } = await startScripted((_target, request) => answer(request));
    const scripted = new SQSClient({ ...ONCE, endpoint: url, md5: false });
    endWith(() => scripted.destroy());
    return { client: scripted, requests };
  }

  test('a dead letter has its reason as an attribute too', async () => {
    const entry = entryOf('a');
    const sent = await createSqsDeadLetterQueue(client, queueUrl, log).send([entry]);
    expect(sent).toEqual({ stored: new Set(['a.1.dead-letter']), refused: new Map() });
    const [message] = await receiveAll(client, queueUrl);
    expect(JSON.parse(message?.Body ?? '')).toEqual(entry.deadLetter);
    expect(message?.MessageAttributes?.reason?.StringValue).toBe('frozen');
    const fields = { ...entry.ids, generation: 1, reason: 'frozen' };
    expect(log.lines).toEqual([{ level: 'info', message: 'dead letter sent', fields }]);
  });

  test.each([
    ['one by one', (bad: boolean) => (bad ? 'entry' : 'taken')],
    ['with the whole call', (bad: boolean) => (bad ? 'call' : 'taken')],
  ])('a dead letter that SQS refuses, %s, is told from those it cannot take now', async (_how, scenario) => {
    const refusingOne = await clientOf(({ Entries }) => {
      const entries = Entries as { Id: string; MessageBody: string }[];
      const isBad = ({ MessageBody }: { MessageBody: string }) => MessageBody.includes('"bad"');
      if (entries.some((entry) => scenario(isBad(entry)) === 'call')) {
        return refusing(400, 'com.amazonaws.sqs#InvalidMessageContents');
      }
      const [busy, ...others] = entries;
      const Failed = [
        { Id: busy?.Id, Code: 'ThrottledRequest', SenderFault: true },
        ...others.filter(isBad).map(({ Id }) => ({ Id, Code: 'InvalidMessageContents', SenderFault: true })),
      ];
      const taken = others.filter((entry) => !isBad(entry));
      return { status: 200, body: { Successful: successOf(taken), Failed } };
    });
    const queue = createSqsDeadLetterQueue(refusingOne.client, queueUrl, log);
    const outcome = await queue.send(['busy', 'good', 'bad', 'fine'].map(entryOf));
    expect([...outcome.refused]).toEqual([['bad.1.dead-letter', 'InvalidMessageContents']]);
    expect(outcome.cause).toBe('ThrottledRequest');
    expect(outcome.stored.has('fine.1.dead-letter') || outcome.stored.has('good.1.dead-letter')).toBe(true);
  });

  test('jobs that SQS refuses one by one, or all at once, are counted, not thrown', async () => {
    const broken = await clientOf(({ Entries }) => {
      const entries = Entries as { Id: string; DelaySeconds?: number }[];
      if (entries.length < 10) return refusing(500, 'InternalFailure');
      const [refused, ...taken] = entries;
      const Failed = [{ Id: refused?.Id, Code: 'Throttled', SenderFault: false }];
      return { status: 200, body: { Successful: successOf(taken), Failed } };
    });
    const jobs = Array.from({ length: 13 }, (_, index) => ({
      job: { activationId: `a-${index}`, generation: 1 },
      delayMs: index === 1 ? 1_001 : 99_999_999,
    }));
    expect(await createSqsActivationQueue(broken.client, queueUrl, log).enqueue(jobs)).toEqual({ failed: 4 });
    expect(log.lines).toEqual([
      { level: 'warn', message: 'jobs could not be sent', fields: expect.objectContaining({ jobs: 4 }) },
    ]);
    const delays = broken.requests.flatMap(({ body }) =>
      (body.Entries as { DelaySeconds: number }[]).map(({ DelaySeconds }) => DelaySeconds),
    );
    expect(delays.slice(0, 3)).toEqual([900, 2, 900]);
  });
});

describe('the bus, on EventBridge', () => {
  const event = (id: string, bytes = 10) => ({
    id,
    type: 'flow-log-activation.completed.v1',
    at: START,
    body: JSON.stringify({ id, pad: 'x'.repeat(bytes) }),
    ids: { activationId: `activation of ${id}` },
  });

  /** A bus that is there, if not said otherwise, and replies so to PutEvents. */
  async function publisherFor(put: (request: Record<string, unknown>) => Answer, busOf = () => described) {
    const service = await startScripted((target, body) => (target === 'PutEvents' ? put(body) : busOf()));
    const client = new EventBridgeClient({ ...ONCE, endpoint: service.url });
    endWith(() => client.destroy());
    const metrics = new RecordingMetrics();
    const log = new RecordingLog();
    const publisher = createEventBridgePublisher({ client, busName: 'bus', metrics, log });
    const puts = () =>
      service.requests
        .filter(({ target }) => target === 'PutEvents')
        .map(({ body }) => body.Entries as Record<string, unknown>[]);
    const logged = () => log.lines.map(({ message, fields }) => [message, fields?.eventId]);
    return { publisher, metrics, puts, log, logged };
  }

  const described: Answer = { status: 200, body: { Name: 'bus' } };
  const success = (request: Record<string, unknown>) => {
    const entries = request.Entries as unknown[];
    return {
      status: 200,
      body: { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: String(index) })) },
    };
  };

  test('ten entries a call, each as the contract says', async () => {
    const { publisher, puts } = await publisherFor(success);
    const events = Array.from({ length: 23 }, (_, index) => event(`e-${index}`));
    expect((await publisher.publish(events)).stored.size).toBe(23);
    expect(
      puts()
        .map((entries) => entries.length)
        .sort(),
    ).toEqual([10, 10, 3]);
    expect(puts()[0]?.[0]).toEqual({
      EventBusName: 'bus',
      Source: 'flow-log-activator',
      DetailType: 'flow-log-activation.completed.v1',
      Detail: event('e-0').body,
      Time: START / 1000,
    });
  });

  test('no call over 256 kB', async () => {
    const { publisher, puts } = await publisherFor(success);
    await publisher.publish(Array.from({ length: 6 }, (_, index) => event(`e-${index}`, 100_000)));
    expect(puts().map((entries) => entries.length)).toEqual([2, 2, 2]);
  });

  test('an entry that was refused is not published, its neighbours are', async () => {
    const Entries = [
      { EventId: '1' },
      { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
    ];
    const reply = { status: 200, body: { FailedEntryCount: 2, Entries } };
    const { publisher, log } = await publisherFor(() => reply);
    expect(await publisher.publish([event('a'), event('b'), event('c')])).toEqual({
      stored: new Set(['a']),
      refused: new Map([['c', 'MalformedDetail']]),
      cause: 'ThrottlingException',
    });
    const fields = { activationId: 'activation of a', eventId: 'a' };
    expect(log.lines).toEqual([{ level: 'info', message: 'event published', fields }]);
  });

  test('one that makes the bus refuse the whole call is singled out', async () => {
    const { publisher, puts } = await publisherFor((request) =>
      JSON.stringify(request).includes('e-7') ? refusing(400, 'ValidationException') : success(request),
    );
    const events = Array.from({ length: 10 }, (_, index) => event(`e-${index}`));
    const { stored, refused, cause } = await publisher.publish(events);
    expect(stored).toEqual(new Set(events.map(({ id }) => id).filter((id) => id !== 'e-7')));
    expect([...refused]).toEqual([['e-7', 'ValidationException']]);
    expect(cause).toBeUndefined();
    expect(puts().length).toBeLessThan(10);
  });

  test('a call that nobody may make is no fault of its events', async () => {
    const { publisher, puts } = await publisherFor(() => refusing(400, 'AccessDeniedException'));
    const { stored, refused, cause } = await publisher.publish([event('a'), event('b')]);
    expect([stored.size, refused.size, puts().length]).toEqual([0, 0, 1]);
    expect(cause).toContain('AccessDeniedException');
  });

  test('an answer with too few entries publishes none of the missing ones', async () => {
    const { publisher } = await publisherFor(() => ({
      status: 200,
      body: { FailedEntryCount: 0, Entries: [] },
    }));
    expect((await publisher.publish([event('a')])).stored).toEqual(new Set());
  });

  test('a call that fails publishes nothing and throws nothing', async () => {
    const { publisher } = await publisherFor(() => refusing(500, 'InternalException'));
    expect((await publisher.publish([event('a')])).stored).toEqual(new Set());
  });

  test('while the bus is missing nothing counts as published, and the alarm is raised', async () => {
    let exists = false;
    // PutEvents to a missing bus succeeds.
    const { publisher, metrics, logged } = await publisherFor(success, () =>
      exists ? described : refusing(400, 'ResourceNotFoundException'),
    );
    expect((await publisher.publish([event('a')])).stored).toEqual(new Set());
    expect(metrics.counts.get('EventBusMissing')).toBe(1);
    exists = true;
    expect((await publisher.publish([event('a')])).stored).toEqual(new Set(['a']));
    exists = false;
    expect((await publisher.publish([event('b')])).stored).toEqual(new Set());
    expect(metrics.counts.get('EventBusMissing')).toBe(2);
    expect(logged()).toEqual([['event published', 'a']]);
  });
});

describe('secrets', () => {
  const secret = JSON.stringify({ accessKey: 'AK', secretKey: 'SK' });

  test('are read once, again after a refresh, and by one call for all who wait', async () => {
    let reads = 0;
    const fetchSecret = async () => {
      reads += 1;
      return secret;
    };
    const read = createSecretReader({ log: new RecordingLog(), fetchSecret });
    await Promise.all([read('s'), read('s')]);
    expect(await read('s')).toEqual({ accessKey: 'AK', secretKey: 'SK' });
    expect(reads).toBe(1);
    await Promise.all([read('s', 0), read('s', 0), read('s')]);
    expect(reads).toBe(2);
  });

  test('that cannot be read or have another shape are refused without being repeated, and read again', async () => {
    let answer: string | undefined = '{"accessKey": "AK-visible"}';
    const read = createSecretReader({ log: new RecordingLog(), fetchSecret: async () => answer });
    await expect(read('s')).rejects.toThrow(/^it lacks secretKey$/);
    answer = 'accessKey=AK-visible';
    await expect(read('s')).rejects.toThrow(/^it is not JSON$/);
    answer = '"AK-visible"';
    await expect(read('s')).rejects.toThrow(/^it is not a JSON object$/);
    answer = undefined;
    await expect(read('s')).rejects.toThrow();
    answer = secret;
    expect(await read('s')).toMatchObject({ secretKey: 'SK' });
  });
});
