import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect } from 'vitest';
import { call, until } from '../e2e/world.ts';
import type { Cloud } from './cloud.ts';
import type { Service } from './service.ts';
import { batchIdsOf, idOf, invoke, LONG_MS, type OpenWork, post, readActivation, readBatch } from './work.ts';

const DONE_BOUND_MS = 60_000;

/** What must be published of a work in the end. */
export type Facts = { eventIds: string[]; deadLetters: string[] };

/**
 * Lets a version end what another one has left in the middle, and uses all that it has left. Fails unless each part of it
 * ends as it should.
 */
export async function finishWork(service: Service, cloud: Cloud, work: OpenWork): Promise<Facts> {
  const { volcengine } = cloud;
  const name = (flowLogId: string) => `${work.prefix}-${flowLogId}`;
  const batchOf = (key: string) => work.requests.find((one) => one.key === name(key))?.batchIds[0] ?? '';
  const id = (key: string, flowLogId: string, account?: string) =>
    idOf(name(flowLogId), batchOf(key), account);

  // Who repeats a request starts nothing anew.
  for (const { path, body, key, batchIds } of work.requests) {
    const repeated = await post(service, path, body, key);
    expect([repeated.statusCode, batchIdsOf(repeated.body)], key).toEqual([202, batchIds]);
  }
  const [scheduled = ''] = batchIdsOf(work.schedule.result);
  const fired = await invoke(service, 'start-scheduled-batch', work.schedule.event);
  expect(batchIdsOf(fired)).toEqual([scheduled]);

  // Now what is still Pending becomes Active.
  const slow = volcengine.flowLogs().filter(({ pendingMs }) => pendingMs === LONG_MS);
  await volcengine.seed(
    slow.map(({ account, region, flowLogId, flowLogName, status }) => {
      const next = status === 'Pending' ? 'Active' : status;
      return { account, region, flowLogId, flowLogName, pendingMs: 50, status: next };
    }),
  );

  await untilListed(service, 'reason=frozen', name('frozen'));
  await untilListed(service, 'reason=not-found', name('missing'));
  await untilListed(service, 'drift=true', name('drifted'));

  if (work.operationId !== undefined) {
    expect(await readActivation(service, id('paused', 'paused', 'paused'))).toMatchObject({
      status: 'queued',
    });
    const called = volcengine.calls().flatMap(({ flowLogIds }) => flowLogIds);
    expect(called).not.toContain(name('paused'));
    await call(`${service.apiUrl}/accounts/paused/pause`, { method: 'DELETE' });
  }
  volcengine.clearFaults();
  const planned = await post(service, '/batches', { planId: work.planId });
  expect(planned.statusCode).toBe(202);
  const [started = ''] = batchIdsOf(planned.body);

  // A dead letter that the other version has sent.
  await volcengine.seed({ region: 'cn-beijing', flowLogId: name('frozen'), pendingMs: 50 });
  const deadLetter = await until(
    () => cloud.deadLetters(service.queues.deadLetter),
    (bodies) => bodies.has(`${id('first', 'frozen')}#1`),
  );
  const MessageBody = deadLetter.get(`${id('first', 'frozen')}#1`);
  await cloud.sqs.send(new SendMessageCommand({ QueueUrl: service.queues.activation, MessageBody }));

  if (work.operationId !== undefined) {
    const operation = await until(
      () => call(`${service.apiUrl}/operations/${work.operationId}`),
      ({ body }) => body.finishedAt !== undefined,
      2 * DONE_BOUND_MS,
    );
    expect(operation.body).toMatchObject({ status: 'completed', done: 8, refused: 0 });
  }
  const batchIds = [...new Set([...work.requests.flatMap((one) => one.batchIds), scheduled, started])];
  for (const batchId of batchIds)
    await until(
      () => readBatch(service, batchId),
      ({ done }) => done,
      DONE_BOUND_MS,
    );

  const many = Array.from({ length: 30 }, (_, each) =>
    each % 3 === 1 ? `many-conflict-${each}` : `many-${each}`,
  );
  const completed = [
    ...['done', 'drifted', 'again'].map((flowLogId) => id('first', flowLogId)),
    ...['pending', 'conflict'].map((flowLogId) => id('open', flowLogId)),
    ...['leased', 'called'].map((flowLogId) => id('called', flowLogId)),
    id('held', 'held', 'refused'),
    id('unpublished', 'unpublished'),
    ...many.map((flowLogId) => id('many', flowLogId)),
    ...[1, 2, 3].flatMap((each) => [
      idOf(name(`plan-${each}`), started),
      idOf(name(`schedule-${each}`), scheduled),
    ]),
    ...(work.operationId === undefined ? [] : [id('paused', 'paused', 'paused')]),
  ];
  const operated = Array.from({ length: work.operationId === undefined ? 0 : 8 }, (_, each) =>
    id('operated', `operation-${each}`),
  );
  const redriven = [id('first', 'frozen'), ...operated];
  for (const activationId of redriven) {
    await until(
      () => readActivation(service, activationId),
      ({ status, generation }) => status === 'completed' && generation === 2,
      DONE_BOUND_MS,
    );
  }
  return {
    eventIds: [
      ...completed.flatMap((one) => [`${one}.1.submitted`, `${one}.1.completed`]),
      ...redriven.flatMap((one) => [`${one}.1.failed`, `${one}.2.submitted`, `${one}.2.completed`]),
      `${id('first', 'missing')}.1.failed`,
      `${id('first', 'drifted')}.1.drifted`,
      // Active when it was asked for again: nothing was submitted.
      `${id('again', 'again')}.1.completed`,
      ...batchIds.map((batchId) => `${batchId}.completed`),
    ].sort(),
    deadLetters: [...redriven, id('first', 'missing')].map((one) => `${one}#1`).sort(),
  };
}

const listed = v.object({ activations: v.array(v.object({ flowLogId: v.string() })) });

/** What has failed or drifted before the index of this list was there gets into it page by page, with each schedule. */
async function untilListed(service: Service, query: string, flowLogId: string): Promise<void> {
  const read = async () => {
    await invoke(service, 'poll-activations', {});
    const { body } = await call(`${service.apiUrl}/activations?${query}`);
    return v.parse(listed, body).activations.map((one) => one.flowLogId);
  };
  await until(read, (found) => found.includes(flowLogId));
}
