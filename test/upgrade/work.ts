import { DeleteEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as v from 'valibot';
import type { FlowLogSeed } from '../../local/volcengine/flow-log.ts';
import { call, until } from '../e2e/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import type { Cloud } from './cloud.ts';
import type { Service } from './service.ts';

const region = 'cn-beijing';
/** Pending until `finishWork` ends it, however slow the machine is. */
export const LONG_MS = 600_000;

type Request = { path: string; key: string; body: object };

/** What a version was asked for, and has left in the middle. */
export type OpenWork = {
  prefix: string;
  /** As it was asked, with the response, but for what changes as the work goes on. */
  requests: (Request & { batchIds: string[] })[];
  schedule: { event: object; result: unknown };
  planId: string;
  /** Only of a version that knows operations and pauses. */
  operationId: string | undefined;
};

const batches = v.union([
  v.pipe(
    v.object({ batches: v.array(v.object({ batchId: v.string() })) }),
    v.transform((body) => body.batches.map(({ batchId }) => batchId)),
  ),
  v.pipe(
    v.object({ batchId: v.string() }),
    v.transform(({ batchId }) => [batchId]),
  ),
]);

export const batchIdsOf = (body: unknown) => v.parse(batches, body);

/** Lambda's Invoke. */
export async function invoke(service: Service, name: string, event: object): Promise<unknown> {
  const url = `${service.apiUrl}/2015-03-31/functions/${name}/invocations`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
  if (response.headers.has('x-amz-function-error')) throw new Error(await response.text());
  return response.json();
}

const FUNCTION_OF: Readonly<Record<string, string>> = {
  '/activations': 'request-activations',
  '/deactivations': 'request-activations',
  '/operations': 'request-activations',
  '/batches': 'start-batch',
};

const answer = v.object({
  statusCode: v.number(),
  body: v.pipe(v.string(), v.parseJson(), v.looseObject({})),
});

const CALLER = {
  accessKey: 'AKIA',
  accountId: '123456789012',
  callerId: 'AROAEXAMPLEID:pipeline',
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: 'arn:aws:sts::123456789012:assumed-role/pipelines/pipeline',
  userId: 'AROAEXAMPLEID:pipeline',
};

/** As API Gateway passes on a request of a role: on a laptop all callers are one, and 0.3 had other keys for it. */
export async function post(service: Service, path: string, body: object, key?: string) {
  const requestContext = {
    accountId: CALLER.accountId,
    http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
    requestId: 'r-1',
    routeKey: `POST ${path}`,
    stage: '$default',
    authorizer: { iam: CALLER },
  };
  const event = {
    version: '2.0',
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
    requestContext,
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
  return v.parse(answer, await invoke(service, FUNCTION_OF[path] ?? '', event));
}

export const idOf = (flowLogId: string, batchId: string, account = 'default') =>
  `${account}.${region}.${flowLogId}.${batchId}`;

const counts = v.object({
  queued: v.number(),
  pending: v.number(),
  completed: v.number(),
  failed: v.number(),
});
const batchBody = v.object({ done: v.boolean(), total: v.number(), counts });

export const readBatch = async (service: Service, batchId: string) =>
  v.parse(batchBody, (await call(`${service.apiUrl}/batches/${batchId}`)).body);

const activationBody = v.looseObject({
  status: v.string(),
  reason: v.optional(v.string()),
  generation: v.number(),
  attempts: v.number(),
});

export const readActivation = async (service: Service, activationId: string) =>
  v.parse(activationBody, (await call(`${service.apiUrl}/activations/${activationId}`)).body);

/**
 * Opens work of every kind, and kills the version in the middle of it. `operation`, for a version that knows operations and
 * pauses: whether one is killed while it is being carried out.
 */
export async function openWork(
  service: Service,
  cloud: Cloud,
  prefix: string,
  operation?: 'in hand' | 'stored',
): Promise<OpenWork> {
  const { volcengine } = cloud;
  const name = (flowLogId: string) => `${prefix}-${flowLogId}`;
  const seed = (flowLogId: string, change: Partial<FlowLogSeed> = {}) =>
    volcengine.seed({
      region,
      flowLogId: name(flowLogId),
      flowLogName: name(flowLogId),
      pendingMs: 50,
      ...change,
    });
  const requests: OpenWork['requests'] = [];
  const request = async (path: string, key: string, body: object) => {
    const taken = await post(service, path, body, name(key));
    if (taken.statusCode !== 202) throw new Error(`${path}: ${JSON.stringify(taken.body)}`);
    const batchIds = batchIdsOf(taken.body);
    requests.push({ path, key: name(key), body, batchIds });
    return batchIds[0] ?? '';
  };
  const activate = (key: string, flowLogIds: string[], more: object = {}) =>
    request('/activations', key, { flowLogIds: flowLogIds.map(name), metadata: { ticket: prefix }, ...more });
  const ended = (batchId: string) =>
    until(
      () => readBatch(service, batchId),
      ({ done }) => done,
    );

  // What has ended.
  for (const flowLogId of ['done', 'drifted', 'again']) await seed(flowLogId);
  await seed('frozen', { frozen: true });
  const first = await activate('first', ['done', 'drifted', 'again', 'frozen', 'missing']);
  await ended(first);
  await seed('drifted', { status: 'Inactive' });
  await until(
    async () => {
      await invoke(service, 'check-drift', {});
      return JSON.stringify(
        (await call(`${service.apiUrl}/activations/${idOf(name('drifted'), first)}`)).body,
      );
    },
    (seen) => seen.includes('drifted: inactive'),
  );
  await ended(await activate('again', ['again']));

  // What Volcengine lets nobody end.
  await seed('pending', { pendingMs: LONG_MS });
  for (const flowLogId of ['conflict', 'leased', 'called']) await seed(flowLogId);
  await seed('held', { account: 'refused' });
  for (let each = 0; each < 30; each += 1) {
    const pendingMs = each % 3 === 0 ? LONG_MS : 50;
    await seed(each % 3 === 1 ? `many-conflict-${each}` : `many-${each}`, { pendingMs });
  }
  for (const each of [1, 2, 3]) await seed(`plan-${each}`);
  for (const each of [1, 2, 3]) await seed(`schedule-${each}`, { pendingMs: LONG_MS });
  volcengine.addFaults([
    ...['conflict', 'many-conflict-*'].map((flowLogId) => ({
      kind: 'error' as const,
      action: 'ActiveFlowLog' as const,
      flowLogId: name(flowLogId),
      code: 'InvalidOperation.Conflict',
    })),
    { kind: 'error', action: 'ActiveFlowLog', account: 'refused', code: 'AccessDenied' },
  ]);
  const open = await activate('open', ['pending', 'conflict']);
  await activate('joined', ['pending', 'conflict']);
  const held = await activate('held', ['held'], { account: 'refused' });
  const many = await request('/batches', 'many', { selector: { name: name('many-*') } });
  const dryRun = { selector: { name: name('plan-*') }, dryRun: true };
  const { planId } = v.parse(
    v.object({ planId: v.string() }),
    (await post(service, '/batches', dryRun)).body,
  );
  const event = {
    schedule: `${prefix}-nightly`,
    scheduledAt: '2026-01-02T01:00:00Z',
    selector: { name: name('schedule-*') },
    dryRun: false,
  };
  const schedule = { event, result: await invoke(service, 'start-scheduled-batch', event) };
  await until(
    () => readBatch(service, many),
    ({ counts }) => counts.completed === 10 && counts.pending === 10,
  );
  await until(
    () => readBatch(service, open),
    ({ counts }) => counts.pending === 1,
  );
  for (const [flowLogId, batchId, account] of [
    ['conflict', open],
    ['held', held, 'refused'],
  ]) {
    const id = idOf(name(flowLogId ?? ''), batchId ?? '', account);
    await until(
      () => readActivation(service, id),
      ({ attempts }) => attempts > 0,
    );
  }

  let operated = '';
  const frozen = Array.from({ length: 8 }, (_, each) => `operation-${each}`);
  if (operation) {
    const pause = await call(`${service.apiUrl}/accounts/paused/pause`, { method: 'PUT' });
    if (pause.status !== 200) throw new Error(JSON.stringify(pause.body));
    await seed('paused', { account: 'paused' });
    await activate('paused', ['paused'], { account: 'paused' });
    for (const flowLogId of frozen) await seed(flowLogId, { frozen: true });
    operated = await activate('operated', frozen);
    await until(
      () => cloud.events(service.queues.events),
      (events) => events.some(({ id }) => id === `${operated}.completed`),
    );
    for (const flowLogId of frozen) await seed(flowLogId);
  }

  // What nobody can publish.
  const endpoint = cloud.variables.AWS_ENDPOINT_URL_EVENTBRIDGE;
  const eventbridge = new EventBridgeClient({ ...LOCAL_ACCESS, ...(endpoint !== undefined && { endpoint }) });
  await eventbridge.send(new DeleteEventBusCommand({ Name: service.bus }));
  eventbridge.destroy();
  await seed('unpublished');
  await ended(await activate('unpublished', ['unpublished']));

  let operationId: string | undefined;
  if (operation) {
    if (operation === 'in hand') {
      volcengine.addFaults({ kind: 'hang', action: 'DescribeFlowLogs', flowLogId: name('operation-5') });
    }
    const redrive = { action: 'redrive', filter: { batchId: operated } };
    const started = await post(service, '/operations', redrive, name('operation'));
    operationId = v.parse(v.object({ operationId: v.string() }), started.body).operationId;
  }

  // What is being called.
  volcengine.addFaults([
    { kind: 'hang', action: 'ActiveFlowLog', flowLogId: name('leased'), times: 1 },
    { kind: 'hang', action: 'ActiveFlowLog', flowLogId: name('called'), times: 1, processed: true },
  ]);
  await activate('called', ['leased', 'called']);
  const isHanging = (flowLogId: string) =>
    volcengine.faults().some(({ fault, strikes }) => fault.flowLogId === name(flowLogId) && strikes > 0);
  const hanging = ['leased', 'called', ...(operation === 'in hand' ? ['operation-5'] : [])];
  await until(
    () => hanging.filter((flowLogId) => !isHanging(flowLogId)),
    ({ length }) => length === 0,
  );
  await service.kill();
  return { prefix, requests, schedule, planId, operationId };
}
