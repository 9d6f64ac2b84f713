import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, DeleteEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { startReceiver } from '../support/fakes/start-receiver.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tempDir } from '../support/temp-dir.ts';
import { examplesOf, openTerminal } from './page-terminal.ts';
import { activationIdsOf, call, startTestWorld, type TestWorld, until } from './world.ts';

// Each runbook is rehearsed: what raises the alarm is done to the local world, the commands of the runbook are typed as
// they are written, and the alarm ends.

const region = 'cn-beijing';
const RUNBOOKS = 'docs/guides/runbooks.md';
type Options = NonNullable<Parameters<typeof startTestWorld>[0]>;

/** Five minutes of an alarm are three seconds. */
const startWorld = (options: Options = {}) =>
  startTestWorld({ ...options, env: { LOCAL_SPEED: '100', ...options.env } });

const alarmsBody = v.object({
  alarms: v.array(v.object({ name: v.string(), state: v.string(), description: v.string() })),
});

async function alarmOf(world: TestWorld, name: string) {
  const { alarms } = v.parse(alarmsBody, (await call(`${world.apiUrl}/_local/alarms`)).body);
  return alarms.find((alarm) => alarm.name === name) ?? expect.unreachable(`${name}: no such alarm`);
}

const untilOver = (world: TestWorld, name: string) =>
  until(
    () => alarmOf(world, name),
    ({ state }) => state === 'OK',
  );

const timesRaised = (world: TestWorld, name: string) =>
  world.logs.filter(({ message }) => message === `${name}: ALARM`).length;

/** Waits until the alarm is raised. Returns what types the commands of the runbook that its description names. */
async function runbookOf<Name extends string>(world: TestWorld, alarm: string, names: readonly Name[]) {
  const { description } = await until(
    () => alarmOf(world, alarm),
    ({ state }) => state === 'ALARM',
  );
  const [, page = '', anchor] = /Runbook: ([\w/.-]+)#(\w+)$/.exec(description) ?? [];
  expect([page, anchor]).toEqual([RUNBOOKS, alarm.toLowerCase()]);
  const scripts = await examplesOf(page, alarm, names);
  const terminal = openTerminal({ API: world.apiUrl, FLOW_LOG_ACTIVATOR_URL: world.apiUrl });
  return async (name: Name) => (await terminal.run(scripts[name])).stdout;
}

/** As a schedule invokes a function: nobody waits, and Lambda retries. */
async function invokeAsync(world: TestWorld, functionKey: string, input: unknown): Promise<void> {
  const { status } = await fetch(`${world.apiUrl}/2015-03-31/functions/${functionKey}/invocations`, {
    method: 'POST',
    headers: { 'x-amz-invocation-type': 'Event' },
    body: JSON.stringify(input),
  });
  expect(status).toBe(202);
}

const clearFaults = (world: TestWorld) =>
  call(`${world.description.volcengine}/_fake/faults`, { method: 'DELETE' });

const send = (world: TestWorld, QueueUrl: string | undefined, MessageBody: string, DelaySeconds = 0) =>
  world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));

test('DeadLettersAlarm ends while the letter lies there, the next failure raises it again, a redrive is the end', async () => {
  const seeds = ['fl-1', 'fl-2'].map((flowLogId) => ({ region, flowLogId, frozen: true }));
  const world = await startWorld({ fake: { seeds } });
  const [first = ''] = await world.request('fl-1');
  const type = await runbookOf(world, 'DeadLettersAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/1 frozen\n {2}fl-1\n/);

  await untilOver(world, 'DeadLettersAlarm');
  const [second = ''] = await world.request('fl-2');
  await until(
    () => timesRaised(world, 'DeadLettersAlarm'),
    (times) => times === 2,
  );
  for (const flowLogId of ['fl-1', 'fl-2']) await world.seed(flowLogId);
  await type('mend');
  for (const id of [first, second]) {
    await world.untilActivation(id, ({ status, generation }) => status === 'completed' && generation === 2);
  }
  expect(await type('look')).not.toContain('frozen');
  await untilOver(world, 'DeadLettersAlarm');
  expect((await world.receive(world.description.queues.deadLetter))?.Body).toContain('frozen');
});

test('HeldActivationsAlarm: doctor and status say why, what waits goes on by hand; what is cancelled raises none', async () => {
  const wrong = { account: 'default', accessKey: 'AK', secretKey: 'SK' };
  const world = await startWorld({
    env: { VOLCENGINE_ACCESS_KEY: 'AK', VOLCENGINE_SECRET_KEY: 'SK' },
    fake: {
      credentials: [{ ...wrong, secretKey: 'another' }],
      seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }],
    },
  });
  const [id = '', unwanted] = await world.request('fl-1', 'fl-2');
  const type = await runbookOf(world, 'HeldActivationsAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/default\s+held[\s\S]*SignatureDoesNotMatch/);
  await until(
    () => call(`${world.apiUrl}/activations/${unwanted}`, { method: 'DELETE' }),
    ({ body }) => body.reason === 'cancelled',
  );
  await world.changeSettings({ credentials: [wrong] });
  await type('mend');
  await world.untilActivation(id, ({ status }) => status === 'completed');
  expect(await type('look')).toMatch(/default\s+ok/);
  await untilOver(world, 'HeldActivationsAlarm');
  expect(timesRaised(world, 'DeadLettersAlarm')).toBe(0);
});

test('HeldActivationsAlarm: status names DescribeFlowLogs if that alone is refused', async () => {
  const world = await startWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] } });
  await world.addFaults({ kind: 'error', action: 'DescribeFlowLogs', code: 'AccessDenied' });
  await world.request('fl-1');
  const type = await runbookOf(world, 'HeldActivationsAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/default\s+held[\s\S]*DescribeFlowLogs AccessDenied/);
  await untilOver(world, 'HeldActivationsAlarm');
});

test('DisabledConfigurationAlarm: doctor names the entry; when it is correct, what was held goes on by hand', async () => {
  const file = join(await tempDir(), 'configuration.json');
  const store = (audit: unknown) => writeFile(file, JSON.stringify({ accounts: { audit } }));
  await store({ assumeRole: { via: 'default' } });
  const world = await startWorld({
    // The fake learns of a new role half a second later than the functions may.
    env: { CONFIGURATION_FILE: file, CONFIGURATION_REFRESH_MS: '200', HOLD_RETRY_MS: '1000' },
    fake: { autoCreate: { pattern: 'fl-*', pendingMs: 100 } },
  });
  const { body } = await world.post({ flowLogIds: ['fl-1'], account: 'audit' });
  const [id = ''] = activationIdsOf(body);
  const type = await runbookOf(world, 'DisabledConfigurationAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/account audit is disabled: assumeRole.roleTrn [\s\S]*audit held/);
  await store({ assumeRole: { roleTrn: 'trn:iam::2100000001:role/flow-logs', via: 'default' } });
  await until(
    () => type('look'),
    (stdout) => stdout.includes('all entries are valid'),
  );
  await type('mend');
  await world.untilActivation(id, ({ status }) => status === 'completed');
  await untilOver(world, 'DisabledConfigurationAlarm');
});

test('EventBusMissingAlarm: the events wait, and are published when the bus is there again', async () => {
  const world = await startWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] } });
  const eventbridge = new EventBridgeClient({ ...LOCAL_ACCESS, endpoint: world.description.eventbridge });
  onTestFinished(() => eventbridge.destroy());
  const Name = world.description.bus;
  await eventbridge.send(new DeleteEventBusCommand({ Name }));
  await world.request('fl-1');
  const type = await runbookOf(world, 'EventBusMissingAlarm', ['look']);
  expect(await type('look')).toMatch(/bus\s+missing/);
  await eventbridge.send(new CreateEventBusCommand({ Name }));
  await until(
    () => type('look'),
    (stdout) => /bus\s+ok/.test(stdout) && /outbox\s+0/.test(stdout),
  );
  await untilOver(world, 'EventBusMissingAlarm');
});

test('RefusedMessagesAlarm: somebody has made the dead-letter queue too small; the letter waits, then goes by itself', async () => {
  const world = await startWorld({ env: { LOCAL_SPEED: '400' } }); // It ends after an hour, which is nine seconds.
  const QueueUrl = world.description.queues.deadLetter;
  const allow = (bytes: number) =>
    world.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { MaximumMessageSize: String(bytes) } }),
    );
  await allow(1_024);
  const notFound = { code: 'InvalidFlowLog.NotFound', message: '没有'.repeat(200) };
  await world.addFaults({ kind: 'error', action: 'ActiveFlowLog', ...notFound });
  await world.request('fl-1');
  const type = await runbookOf(world, 'RefusedMessagesAlarm', ['look']);
  expect(await type('look')).toMatch(/outbox\s+1/);
  const line = await world.untilLogged('not all events and dead letters were published');
  expect(line?.fields).toMatchObject({ refused: 1, codes: ['InvalidParameterValue'] });
  await allow(1_048_576);
  await until(
    () => type('look'),
    (stdout) => /outbox\s+0/.test(stdout),
  );
  expect((await world.receive(QueueUrl))?.Body).toContain('not-found');
  await untilOver(world, 'RefusedMessagesAlarm');
});

test('PoisonAlarm, ActivationQueueAgeAlarm: a message that nobody can read, and one that waits too long', async () => {
  const world = await startWorld();
  const { activation, poison } = world.description.queues;
  await send(world, activation, 'nobody can read this');
  const typePoison = await runbookOf(world, 'PoisonAlarm', ['look']);
  expect(await typePoison('look')).toMatch(/poison\s+1/);
  await untilOver(world, 'PoisonAlarm');

  // Half an hour is 18 seconds here.
  await send(world, activation, 'this waits', 40);
  const typeAge = await runbookOf(world, 'ActivationQueueAgeAlarm', ['look']);
  expect(await typeAge('look')).toMatch(/default\s+ok/);
  await untilOver(world, 'ActivationQueueAgeAlarm');
  await until(
    () => timesRaised(world, 'PoisonAlarm'),
    (times) => times === 2,
  );
  expect((await world.receive(poison))?.Body).toBe('nobody can read this');
});

test('ScheduledBatchLostAlarm: three tries fail; started by hand', async () => {
  const seeds = [{ region, flowLogId: 'fl-1', flowLogName: 'prod-1', pendingMs: 100 }];
  const world = await startWorld({ fake: { seeds } });
  await invokeAsync(world, 'start-scheduled-batch', { schedule: 'nightly', selector: { nmae: 'prod-*' } });
  const type = await runbookOf(world, 'ScheduledBatchLostAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/default\s+ok/);
  const { batches } = JSON.parse(await type('mend'));
  expect(await world.untilDone(batches[0].batchId)).toMatchObject({ counts: { completed: 1 } });
  await untilOver(world, 'ScheduledBatchLostAlarm');
});

test('FunctionErrorsAlarm: a function crashes again and again', async () => {
  const world = await startWorld();
  for (const functionKey of ['activate-flow-log', 'poll-activations']) {
    for (const input of [7, 8]) await invokeAsync(world, functionKey, input);
  }
  const type = await runbookOf(world, 'FunctionErrorsAlarm', ['look']);
  expect(await type('look')).toMatch(/default\s+ok/);
  await untilOver(world, 'FunctionErrorsAlarm');
});

test('DriftCheckFailedAlarm: an account is refused; checked by hand', async () => {
  const world = await startWorld({
    env: { LOCAL_SPEED: '400' }, // It ends after an hour, which is nine seconds.
    fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] },
  });
  const [id = ''] = await world.request('fl-1');
  await world.untilActivation(id, ({ status }) => status === 'completed');
  await until(
    () => world.activation(id),
    ({ published }) => Array.isArray(published) && published.length === 2,
  );
  await world.addFaults({ kind: 'error', action: 'DescribeFlowLogs', code: 'AccessDenied' });
  await invokeAsync(world, 'check-drift', {});
  const type = await runbookOf(world, 'DriftCheckFailedAlarm', ['look', 'mend']);
  expect(await type('look')).toContain('accounts');
  await clearFaults(world);
  expect(await type('mend')).not.toContain('errorType');
  await untilOver(world, 'DriftCheckFailedAlarm');
});

test('PolicyRunFailedAlarm: a policy could not read an account; run by hand', async () => {
  const file = join(await tempDir(), 'configuration.json');
  const store = (policies: object) => writeFile(file, JSON.stringify({ policies }));
  await store({});
  const world = await startWorld({
    env: { LOCAL_SPEED: '400', CONFIGURATION_FILE: file, CONFIGURATION_REFRESH_MS: '200' },
    fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] },
  });
  await world.addFaults({ kind: 'error', action: 'DescribeFlowLogs', code: 'AccessDenied' });
  // The schedule runs it: every five minutes, which is less than a second here.
  await store({ 'keep-active': { accounts: ['default'], regions: [region], every: '5m' } });
  const type = await runbookOf(world, 'PolicyRunFailedAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/keep-active\s+0\s+0\s+0\s+1/);
  await clearFaults(world);
  expect(await type('mend')).not.toContain('errorType');
  await untilOver(world, 'PolicyRunFailedAlarm');
});

test('UnansweredDeadlinesAlarm: nobody said how it ended; a redrive finds it Active', async () => {
  const world = await startWorld({
    env: { REPLICA_LAG_MS: '500', PENDING_DEADLINE_MS: '1000' },
    fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] },
  });
  await world.addFaults({ kind: 'garbage', action: 'DescribeFlowLogs' });
  const [id = ''] = await world.request('fl-1');
  const type = await runbookOf(world, 'UnansweredDeadlinesAlarm', ['look', 'mend']);
  expect(await type('look')).toMatch(/1 deadline-exceeded/);
  await clearFaults(world);
  await type('mend');
  await world.untilActivation(id, ({ status }) => status === 'completed');
  await untilOver(world, 'UnansweredDeadlinesAlarm');
});

test('UnreadableItemsAlarm, HttpApiErrorsAlarm: another version wrote an item; it goes on when it can be read', async () => {
  const world = await startWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 40_000 }] } });
  const dynamodb = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: world.description.dynamodb });
  onTestFinished(() => dynamodb.destroy());
  const [id = ''] = await world.request('fl-1');
  await world.untilActivation(id, ({ status }) => status === 'pending');
  const write = (generation: { N: string } | { S: string }) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: world.description.table,
        Key: { pk: { S: `F#default#${region}#fl-1` }, sk: { S: '0' } },
        UpdateExpression: 'SET generation = :generation',
        ExpressionAttributeValues: { ':generation': generation },
      }),
    );
  await write({ S: 'of another version' });
  const type = await runbookOf(world, 'UnreadableItemsAlarm', ['look']);
  expect(await type('look')).toMatch(/default\s+ok/);
  for (let times = 0; times < 4; times += 1) {
    expect((await call(`${world.apiUrl}/activations/${id}`)).status).toBe(503);
  }
  const typeErrors = await runbookOf(world, 'HttpApiErrorsAlarm', ['look']);
  expect(await typeErrors('look')).toMatch(/✓ rights/);
  await write({ N: '1' });
  await untilOver(world, 'UnreadableItemsAlarm');
  await untilOver(world, 'HttpApiErrorsAlarm');
  expect(await world.activation(id)).toMatchObject({ generation: 1 });
});

test('PollerSilentAlarm: nothing invokes the poller for five minutes', async () => {
  // Nothing is due, and the schedule's minute is no faster: five minutes of alarms are over before it.
  const world = await startWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 15_000 }] } });
  const type = await runbookOf(world, 'PollerSilentAlarm', ['look']);
  expect(await type('look')).toMatch(/poller/);
  await world.request('fl-1');
  await untilOver(world, 'PollerSilentAlarm');
});

test('WebhookDeadLettersAlarm, WebhookPoisonAlarm: an endpoint is gone; its dead letter is delivered afresh', async () => {
  let isGone = true;
  const receiver = await startReceiver((response) => response.writeHead(isGone ? 410 : 204).end());
  const old = {
    url: receiver.url,
    secrets: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
    types: ['flow-log-activation.completed'],
  };
  const world = await startWorld({
    env: { WEBHOOK_ENDPOINTS: JSON.stringify({ old }) },
    fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] },
  });
  await world.request('fl-1');
  const { WebhookQueue, WebhookDeadLetterQueue } = world.description.otherQueues;
  const type = await runbookOf(world, 'WebhookDeadLettersAlarm', ['look']);
  expect(await type('look')).toMatch(/webhookDeadLetter\s+1/);
  isGone = false;
  const deadLetter = await world.receive(WebhookDeadLetterQueue);
  await send(world, WebhookQueue, deadLetter?.Body ?? '');
  await until(
    () => receiver.received,
    ({ length }) => length === 2,
  );
  await untilOver(world, 'WebhookDeadLettersAlarm');

  await send(world, WebhookQueue, '{"odd": true}');
  const typePoison = await runbookOf(world, 'WebhookPoisonAlarm', ['look']);
  expect(await typePoison('look')).toMatch(/webhookPoison\s+1/);
  await untilOver(world, 'WebhookPoisonAlarm');
});

test('WebhookQueueAgeAlarm: a webhook waits too long', async () => {
  const endpoint = {
    url: 'http://127.0.0.1:9',
    secrets: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
  };
  const world = await startWorld({
    env: { LOCAL_SPEED: '400', WEBHOOK_ENDPOINTS: JSON.stringify({ endpoint }) },
  });
  // Half an hour is 4.5 seconds.
  await send(world, world.description.otherQueues.WebhookQueue, 'this waits', 15);
  const type = await runbookOf(world, 'WebhookQueueAgeAlarm', ['look']);
  expect(await type('look')).toMatch(/default\s+ok/);
  await untilOver(world, 'WebhookQueueAgeAlarm');
});
