import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import {
  addFaults,
  readActivations,
  readDeadLetters,
  readEvents,
  readFlowLogs,
  requestActivations,
} from '../../local/demo/observe.ts';
import { faultsOf, SCENARIOS, seedsOf } from '../../local/demo/scenarios.ts';
import { differences, isOver, type Sight } from '../../local/demo/verdict.ts';
import type { LocalWorld } from '../../local/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tellFake } from '../support/tell-fake.ts';
import type { MotoReceiver } from './moto-receiver.ts';

const region = 'cn-beijing';
const BOUND_MS = 90_000;
const TEXT = '😀 𠮷 \ufffe\uffff 北京 "\\';

export const seeds = [
  ...seedsOf(SCENARIOS),
  { region, flowLogId: 'fl-thawing', frozen: true },
  ...['fl-batch-1', 'fl-batch-2', 'fl-batch-3'].map((flowLogId) => ({
    region,
    flowLogId,
    flowLogName: flowLogId,
    pendingMs: 500,
  })),
  { region, flowLogId: 'fl-text', pendingMs: 500 },
];

/** Where the accounts of this world are stored. */
export const STORED_AT = '/flow-log-activator/moto';

type Stage = { world: LocalWorld; receiver: MotoReceiver; moto: string };

async function until<Seen>(look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
  const giveUpAt = Date.now() + BOUND_MS;
  for (;;) {
    const seen = await look();
    if (holds(seen) || Date.now() > giveUpAt) return seen;
    await sleep(200);
  }
}

async function call(world: LocalWorld, method: string, path: string, body?: unknown) {
  const response = await fetch(world.apiUrl + path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: v.parse(v.looseObject({}), await response.json()) };
}

const differs = (what: string, seen: unknown, planned: unknown) =>
  JSON.stringify(seen) === JSON.stringify(planned)
    ? []
    : [`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(planned)}`];

async function playScenarios({ world }: Stage): Promise<string[]> {
  const { sqs: endpoint, volcengine, queues } = world.description;
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint });
  const sights = new Map<string, Sight>(
    SCENARIOS.map(({ flowLogId }) => [flowLogId, { events: [], deadLetters: [] }]),
  );
  await addFaults(volcengine, faultsOf(SCENARIOS));
  const batchId = await requestActivations(
    world.apiUrl,
    SCENARIOS.map(({ flowLogId }) => flowLogId),
  );
  const askedTwice = SCENARIOS.filter((scenario) => scenario.askedTwice).map(({ flowLogId }) => flowLogId);
  await requestActivations(world.apiUrl, askedTwice);
  await until(
    async () => {
      for (const activation of await readActivations(world.apiUrl, batchId)) {
        Object.assign(sights.get(activation.flowLogId) ?? {}, { activation });
      }
      for (const event of await readEvents(sqs, queues.events))
        sights.get(event.flowLogId)?.events.push(event);
      for (const deadLetter of await readDeadLetters(sqs, queues.deadLetter ?? '')) {
        const isAbout = ({ activation }: Sight) => activation?.activationId === deadLetter.activationId;
        [...sights.values()].find(isAbout)?.deadLetters.push(deadLetter);
      }
      return [...sights.values()];
    },
    (seen) => seen.every(isOver),
  );
  for (const { flowLogId, effectiveActivations } of await readFlowLogs(volcengine)) {
    Object.assign(sights.get(flowLogId) ?? {}, { effectiveActivations });
  }
  sqs.destroy();
  return SCENARIOS.flatMap((scenario) =>
    differences(scenario, sights.get(scenario.flowLogId) ?? { events: [], deadLetters: [] }).map(
      (difference) => `${scenario.flowLogId}: ${difference}`,
    ),
  );
}

const requested = v.object({ activations: v.tuple([v.object({ activationId: v.string() })]) });

async function ask(world: LocalWorld, flowLogId: string, metadata = {}): Promise<string> {
  const { body } = await call(world, 'POST', '/activations', { flowLogIds: [flowLogId], metadata });
  return v.parse(requested, body).activations[0].activationId;
}

const ended = (world: LocalWorld, activationId: string, status: string) =>
  until(
    async () => (await call(world, 'GET', `/activations/${activationId}`)).body,
    (body) => body.status === status,
  );

async function playRedrive({ world }: Stage): Promise<string[]> {
  const id = await ask(world, 'fl-thawing');
  await ended(world, id, 'failed');
  const thawed = { region, flowLogId: 'fl-thawing', pendingMs: 500 };
  await tellFake(world.description.volcengine, 'flow-logs', thawed);
  const redriven = await until(
    () => call(world, 'POST', `/activations/${id}/redrive`, { generation: 1 }),
    ({ status }) => status !== 503,
  );
  const { status, generation } = await ended(world, id, 'completed');
  return [
    ...differs('the answer to the redrive', redriven.status, 202),
    ...differs('the end', { status, generation }, { status: 'completed', generation: 2 }),
  ];
}

async function playBatch({ world, receiver }: Stage): Promise<string[]> {
  const started = await call(world, 'POST', '/batches', { selector: { name: 'fl-batch-*' } });
  const batches = v.parse(
    v.object({ batches: v.tuple([v.object({ batchId: v.string(), total: v.number() })]) }),
    started.body,
  ).batches;
  const [{ batchId, total }] = batches;
  const { done, counts } = await until(
    async () => (await call(world, 'GET', `/batches/${batchId}`)).body,
    (body) => body.done === true,
  );
  const told = await until(
    async () =>
      receiver.received.some(
        ({ type, data }) => type === 'flow-log-batch.completed.v1' && data.batchId === batchId,
      ),
    (isTold) => isTold,
  );
  return [
    ...differs('its size', total, 3),
    ...differs(
      'the batch',
      { done, counts },
      { done: true, counts: { queued: 0, pending: 0, completed: 3, failed: 0 } },
    ),
    ...differs('the webhook of its end', told, true),
  ];
}

async function playText({ world, receiver }: Stage): Promise<string[]> {
  const metadata = { [TEXT]: TEXT };
  const id = await ask(world, 'fl-text', metadata);
  const { status, metadata: stored } = await ended(world, id, 'completed');
  const sent = await until(
    async () =>
      receiver.received.find(({ type, data }) => type.includes('completed') && data.activationId === id),
    (event) => event !== undefined,
  );
  return [
    ...differs('the end', status, 'completed'),
    ...differs('metadata in the table', stored, metadata),
    ...differs('metadata in the webhook', sent?.data.metadata, metadata),
    ...differs('webhooks with a wrong signature', receiver.forged, 0),
  ];
}

/** More than two pages of accounts, some of them encrypted, and one with a mistake. */
async function playStored({ world, moto }: Stage): Promise<string[]> {
  const ssm = new SSMClient({ ...LOCAL_ACCESS, endpoint: moto });
  for (let number = 1; number <= 25; number += 1) {
    const assumeRole = { roleTrn: `trn:iam::2100000000:role/stored-${number}`, via: 'default' };
    const Value = JSON.stringify({ assumeRole: number === 7 ? {} : assumeRole });
    const Type = number % 5 === 0 ? 'SecureString' : 'String';
    await ssm.send(new PutParameterCommand({ Name: `${STORED_AT}/accounts/stored-${number}`, Type, Value }));
  }
  ssm.destroy();
  const asked = await until(
    () => call(world, 'POST', '/activations', { flowLogIds: ['fl-stored'], account: 'stored-25' }),
    ({ status }) => status !== 422,
  );
  const [{ activationId }] = v.parse(requested, asked.body).activations;
  const { status } = await ended(world, activationId, 'completed');
  const { configuration } = (await call(world, 'GET', '/status')).body;
  const { disabled } = v.parse(
    v.object({ disabled: v.array(v.object({ name: v.string() })) }),
    configuration,
  );
  return [
    ...differs('the end', status, 'completed'),
    ...differs('what is disabled', disabled, [{ name: 'stored-7' }]),
  ];
}

export const PARTS: { name: string; play: (stage: Stage) => Promise<string[]> }[] = [
  {
    name: `${SCENARIOS.length} scenarios of the demo: state, attempts, events, dead letters`,
    play: playScenarios,
  },
  { name: 'a redrive of what was frozen', play: playRedrive },
  { name: 'a batch by selector, and its webhook', play: playBatch },
  { name: 'Unicode of every kind, to the table and out by webhook', play: playText },
  { name: 'accounts of Parameter Store, three pages, some encrypted, one with a mistake', play: playStored },
];
