import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { startReceiver } from '../support/fakes/start-receiver.ts';
import { activationIdsOf, call, startTestWorld, until } from './world.ts';

const region = 'cn-beijing';
/** An emoji, a character of place names, what Unicode calls no character, controls, and what JSON must escape. */
const TEXT = '😀 𠮷 \ufffe \uffff \u0000 \u001f \u007f \u2028 "\\ 北京 é';
const metadata = { [TEXT]: TEXT };

const eventSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    detail: v.object({
      type: v.string(),
      data: v.object({ metadata: v.unknown(), lastError: v.optional(v.object({ message: v.string() })) }),
    }),
  }),
);

test("a caller's text, and Volcengine's, come out as they went in: events, dead letters, webhooks, responses", async () => {
  const receiver = await startReceiver();
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const world = await startTestWorld({
    fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] },
    env: { WEBHOOK_ENDPOINTS: JSON.stringify({ all: { url: receiver.url, secrets: [secret] } }) },
  });
  await world.addFaults({
    kind: 'error',
    action: 'ActiveFlowLog',
    code: 'InvalidParameter',
    httpStatus: 400,
    message: TEXT,
    times: 1,
  });
  const { queues } = world.description;
  const { body } = await world.post({ flowLogIds: ['fl-1'], metadata });
  const [id = ''] = activationIdsOf(body);

  const failed = v.parse(eventSchema, (await world.receive(queues.events))?.Body).detail;
  expect(failed).toMatchObject({
    type: 'flow-log-activation.failed.v1',
    data: { metadata, lastError: { message: TEXT } },
  });
  expect(await world.activation(id)).toMatchObject({ metadata, lastError: { message: TEXT } });
  const deadLetter = await world.receive(queues.deadLetter);
  expect(JSON.parse(deadLetter?.Body ?? '')).toMatchObject({
    activationId: id,
    lastError: { message: TEXT },
  });

  await world.sqs.send(
    new SendMessageCommand({ QueueUrl: queues.activation, MessageBody: deadLetter?.Body ?? '' }),
  );
  const types = new Set<string>();
  await until(
    async () => {
      const { type, data } = v.parse(eventSchema, (await world.receive(queues.events))?.Body).detail;
      if (type.startsWith('flow-log-')) expect(data.metadata).toEqual(metadata);
      return types.add(type);
    },
    (seen) => seen.has('flow-log-activation.completed.v1'),
  );
  await until(
    () => receiver.received.filter(({ eventType }) => eventType.includes('completed')),
    ({ length }) => length > 0,
  );
  for (const { body: sent } of receiver.received) {
    expect(JSON.parse(sent.toString()).data.metadata).toEqual(metadata);
  }
  const listed = await call(`${world.apiUrl}/activations?flowLogId=fl-1`);
  expect(listed.body.activations).toMatchObject([{ metadata, status: 'completed' }]);
});
