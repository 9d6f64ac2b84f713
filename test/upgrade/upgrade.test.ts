import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createValidator, faultsOf } from '../contract/documents/strict-schema.ts';
import { until } from '../e2e/world.ts';
import { openReceiver } from '../support/fakes/recording-receiver.ts';
import { tempDir } from '../support/temp-dir.ts';
import { parseEvent, type SeenEvent, startCloud } from './cloud.ts';
import { callsOf, finishDeactivations, openDeactivations, touchDeactivations } from './deactivations.ts';
import { type Facts, finishWork } from './finish-work.ts';
import { extractRelease, needsHistory, PROJECT } from './released-version.ts';
import { type Service, startService } from './service.ts';
import { openWork } from './work.ts';

beforeEach(needsHistory);

/** Faster than in production, by configuration alone. */
const QUICK = {
  POLL_TICK_MS: '500',
  RATE_LIMIT_PER_SECOND: '200',
  RETRY_BASE_MS: '100',
  RETRY_CAP_MS: '2000',
  HOLD_RETRY_MS: '1000',
  VOLCENGINE_TIMEOUT_MS: '4000',
  REPLICA_LAG_MS: '1000',
  WEBHOOK_RETRY_BASE_MS: '200',
};

const REQUEUE_MS = '5000';
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** A directory with a version, and what its `npm start` needs. */
type Installed = { directory: string; variables: Record<string, string> };

type OnEnd = (end: () => Promise<void>) => void;

async function install(version: string, onEnd: OnEnd): Promise<Installed> {
  const directory = await extractRelease(version, await tempDir(onEnd));
  return {
    directory,
    variables: { [version === '0.3.0' ? 'RING_AFTER_MS' : 'REQUEUE_AFTER_MS']: REQUEUE_MS },
  };
}

const current: Installed = {
  directory: PROJECT,
  variables: { REQUEUE_AFTER_MS: REQUEUE_MS, ALLOW_DEACTIVATION: 'true' },
};

/** A webhook that was down is tried again ever more rarely. */
const BOUND_MS = 120_000;

type Stage = Awaited<ReturnType<typeof startStage>>;

/** One version after the other with the same data directory, queues, bus and Volcengine. */
async function startStage(onEnd: OnEnd) {
  const cloud = await startCloud(onEnd);
  const dataDir = await tempDir(onEnd);
  const received: SeenEvent[] = [];
  const first = await openReceiver();
  await first.close();
  const { port, url } = first;
  const endpoints = { ops: { url, secrets: [SECRET] } };
  return {
    cloud,
    received,
    async start({ directory, variables }: Installed): Promise<Service> {
      const service = await startService(directory, {
        ...cloud.variables,
        ...QUICK,
        ...variables,
        DATA_DIR: dataDir,
        WEBHOOK_ENDPOINTS: JSON.stringify(endpoints),
      });
      onEnd(() => service.kill());
      await cloud.shortenVisibility(service.otherQueues.WebhookQueue);
      return service;
    },
    /** The subscriber by webhook is down but while this runs. */
    async whileReceiving(work: () => Promise<Facts>): Promise<Facts> {
      const receiver = await openReceiver(undefined, port);
      try {
        const facts = await work();
        const missing = () => {
          const before = received.map(({ id }) => id);
          const ids = new Set([...before, ...receiver.received.map(({ eventId }) => eventId)]);
          return facts.eventIds.filter((id) => !ids.has(id));
        };
        await until(missing, ({ length }) => length === 0, BOUND_MS);
        return facts;
      } finally {
        await receiver.close();
        received.push(...receiver.received.map(({ body }) => parseEvent(body)));
      }
    },
  };
}

/**
 * Fails unless the bus and the webhook have delivered just these facts, each with one content, that a subscriber of the
 * earlier version can parse; and unless each flow log was activated once for each fact that says so.
 */
async function expectOnce(stage: Stage, service: Service, facts: Facts[], schemasOf: string): Promise<void> {
  const { cloud, received } = stage;
  const expected = facts.flatMap(({ eventIds }) => eventIds).sort();
  const idsOf = (events: SeenEvent[]) => [...new Set(events.map(({ id }) => id))].sort();
  const events = () => cloud.events(service.queues.events);
  await until(events, (seen) => idsOf(seen).length >= expected.length, BOUND_MS);
  expect(idsOf(await events())).toEqual(expected);
  expect(idsOf(received)).toEqual(expected);
  const contents = [...(await events()), ...received].map((event) => JSON.stringify(event, withoutNewFields));
  expect(new Set(contents).size).toBe(expected.length);

  const faults = await schemaFaults(schemasOf, await events());
  expect(faults).toEqual([]);
  const deadLetters = await cloud.deadLetters(service.queues.deadLetter);
  expect([...deadLetters.keys()].sort()).toEqual(facts.flatMap((one) => one.deadLetters).sort());
  expect(await cloud.take(service.queues.poison)).toEqual([]);
  expect(service.logs.filter(({ message }) => message.includes('cannot read'))).toEqual([]);

  const calls = cloud.volcengine.calls().filter(({ action }) => /^(A|Dea)ctive/.test(action));
  const types = new Map((await events()).map(({ id, type }) => [id, type]));
  const submitted = expected
    .filter((id) => types.get(id) === 'flow-log-activation.submitted.v1')
    .map((id) => id.split('.')[2]);
  const effective = calls.filter((one) => one.effective).map(({ flowLogIds: [flowLogId] }) => flowLogId);
  expect(effective.sort()).toEqual(submitted.sort());
  const ends = expected.filter((id) => /^\w+\..*\.\d+\.(completed|failed)$/.test(id));
  const tokens = new Set(calls.map(({ clientToken }) => clientToken));
  expect(tokens.size).toBe(ends.length);
}

/** An event that both versions publish has these from the new one alone. */
const withoutNewFields = (key: string, value: unknown) =>
  ['callerRequestId', 'traceparent'].includes(key) ? undefined : value;

/** What ajv finds by the JSON Schemas that the version in this directory has published. */
async function schemaFaults(directory: string, events: SeenEvent[]): Promise<string[]> {
  const folder = join(directory, 'contracts/schemas');
  const ajv = createValidator();
  const validators = new Map(
    await Promise.all(
      (await readdir(folder)).map(async (file) => {
        const schema = JSON.parse(await readFile(join(folder, file), 'utf8'));
        return [file.replace(/\.json$/, ''), ajv.compile(schema)] as const;
      }),
    ),
  );
  return events.flatMap((event) => {
    const validate = validators.get(event.type);
    // A type that is new since then is no event of another type.
    if (validate === undefined && event.type.startsWith('flow-log-deactivation')) return [];
    return validate === undefined ? [`${event.type} is unknown`] : faultsOf(validate, event);
  });
}

describe.concurrent('what an earlier version has left in the middle', () => {
  test('0.3.0: ends once', async ({ onTestFinished }) => {
    const stage = await startStage(onTestFinished);
    const earlier = await install('0.3.0', onTestFinished);
    const work = await openWork(await stage.start(earlier), stage.cloud, 'earlier');
    const now = await stage.start(current);
    const facts = await stage.whileReceiving(() => finishWork(now, stage.cloud, work));
    await expectOnce(stage, now, [facts], earlier.directory);
  });

  test('0.6.0: ends once; so does what is left for it by a rollback, but for deactivations, which it leaves alone', async ({
    onTestFinished,
  }) => {
    const stage = await startStage(onTestFinished);
    const earlier = await install('0.6.0', onTestFinished);
    const work = await openWork(await stage.start(earlier), stage.cloud, 'earlier', 'in hand');
    const now = await stage.start(current);
    const first = await stage.whileReceiving(() => finishWork(now, stage.cloud, work));
    await expectOnce(stage, now, [first], earlier.directory);

    const off = await openDeactivations(now, stage.cloud);
    const later = await openWork(now, stage.cloud, 'later', 'stored');
    const called = callsOf(stage.cloud, 'DeactiveFlowLog').length;
    const rolledBack = await stage.start(earlier);
    const second = await stage.whileReceiving(() => finishWork(rolledBack, stage.cloud, later));
    expect(await touchDeactivations(rolledBack)).toMatchObject({ statusCode: 503 });
    expect(callsOf(stage.cloud, 'ActiveFlowLog')).toEqual([]);
    expect(callsOf(stage.cloud, 'DeactiveFlowLog')).toHaveLength(called);
    await rolledBack.kill();

    const again = await stage.start(current);
    const third = await stage.whileReceiving(() => finishDeactivations(again, off));
    await expectOnce(stage, again, [first, second, third], earlier.directory);
  });
});
