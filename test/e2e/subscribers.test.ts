import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { activationCompletedExample } from '../../events/golden-examples.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { call, startTestWorld, type TestWorld, until } from './world.ts';

const EXAMPLE_DIR = fileURLToPath(new URL('../../examples/subscribers', import.meta.url));

/** The consumer as its reader starts it, a process of its own. */
function startConsumer(world: TestWorld) {
  const child = spawn(process.execPath, ['consume.ts', world.description.otherQueues.FinalEvents ?? ''], {
    cwd: EXAMPLE_DIR,
    env: {
      AWS_ENDPOINT_URL_SQS: world.description.sqs,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: LOCAL_ACCESS.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_ACCESS.credentials.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const complained: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => complained.push(line));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { said, complained, exited, interrupt: () => child.kill('SIGINT') };
}

/** Puts events on the bus beside the service's own. */
async function putEvents(world: TestWorld, details: { type: string }[]): Promise<void> {
  const client = new EventBridgeClient({ ...LOCAL_ACCESS, endpoint: world.description.eventbridge });
  const Entries = details.map((detail) => ({
    EventBusName: world.description.bus,
    Source: 'flow-log-activator',
    DetailType: detail.type,
    Detail: JSON.stringify(detail),
  }));
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
  client.destroy();
  expect(FailedEntryCount).toBe(0);
}

/** Messages of the queue: those that wait, and those that somebody has taken and not deleted. */
async function depth(world: TestWorld, queue: string): Promise<{ waiting: number; taken: number }> {
  const { Attributes = {} } = await world.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: world.description.otherQueues[queue],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages),
    taken: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

test('a function and a queue hear how it ended, repeats are dropped, and what is no event is kept', async () => {
  const region = 'cn-beijing';
  const world = await startTestWorld({
    env: { EXTRA_STACK: EXAMPLE_DIR },
    fake: {
      seeds: [
        { region, flowLogId: 'fl-well', pendingMs: 100 },
        { region, flowLogId: 'fl-cold', frozen: true },
      ],
    },
  });
  const ofFunction = (level: string) =>
    world.logs.filter((record) => record.source === 'on-final-events' && record.level === level);
  expect(Object.keys(world.description.otherQueues)).toEqual(
    expect.arrayContaining(['FinalEvents', 'UnhandledEvents', 'FailedEvents']),
  );

  const { body } = await world.post({ flowLogIds: ['fl-well', 'fl-cold'] });
  await world.untilDone(body.batchId);
  const repeated = { ...activationCompletedExample, id: 'told-twice' };
  await putEvents(world, [repeated]);
  await until(
    () => ofFunction('INFO'),
    (lines) => lines.length === 2,
  );
  const { data: _, ...broken } = activationCompletedExample;
  await putEvents(world, [repeated, broken]);

  const consumer = startConsumer(world);
  await until(
    () => depth(world, 'FinalEvents'),
    ({ waiting, taken }) => waiting === 0 && taken === 1,
  );
  consumer.interrupt();
  expect(await consumer.exited).toBe(0);
  const cold = /^fl-cold \(default, cn-beijing\) failed \(a redrive may help\), frozen: .*freeze/;
  const well = /^fl-well \(default, cn-beijing\) is Active after \d+ ms$/;
  expect(consumer.said.sort()).toEqual([
    expect.stringMatching(/^fl-2d6m9xk4q8zy85oxruvg1 .* is Active after 12635 ms$/),
    expect.stringMatching(cold),
    expect.stringMatching(well),
  ]);
  expect(consumer.complained.join('\n')).toContain('not an event of the contract');

  await until(
    () => ofFunction('ERROR'),
    ([error]) => error?.message.includes('Not an event of the contract') === true,
  );
  expect(ofFunction('WARN').map(({ message }) => message)).toEqual([expect.stringMatching(cold)]);
  // A repeat may meet another container, which knows nothing of the first: the id tells.
  const lines = new Map(ofFunction('INFO').map(({ message, fields }) => [fields.eventId, message]));
  expect([...lines.values()].sort()).toEqual([
    expect.stringContaining('fl-2d6m9xk4q8zy85oxruvg1'),
    expect.stringMatching(well),
  ]);
});

test('docs/guides/subscribers.md, "The examples": those that run locally, as they are written', async () => {
  const names = ['start', 'ask', 'deploy'] as const;
  const { start, ask, deploy } = await examplesOf('docs/guides/subscribers.md', 'The examples', names);
  expect(deploy).toContain('npx osls deploy');
  const API = await startAsWritten(start);
  const terminal = openTerminal({ API });
  const { stdout } = await terminal.run(ask);
  expect(stdout).toMatch(/^fl-heard \(default, cn-beijing\) is Active after \d+ ms$/m);
  const { body } = await call(`${API}/_local`);
  expect(body).toMatchObject({ otherQueues: { FinalEvents: expect.any(String) } });
});
