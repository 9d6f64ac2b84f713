import * as v from 'valibot';
import { activationIdOf } from '../../lib/activation/model/ids.ts';
import { context, sqsEvent } from '../../test/support/fakes/lambda.ts';
import { asContender } from '../harness/contender.ts';
import { Durations, measureConcurrent } from '../harness/measure.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { BATCH_ID } from './stub-item.ts';

const Config = v.object({ bundle: v.string(), records: v.number(), durations: Durations });

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const Module = v.object({ handler: v.custom<Handler>((value) => typeof value === 'function') });
const Response = v.object({ batchItemFailures: v.pipe(v.array(v.unknown()), v.length(0)) });

const EVENTS = 64;

asContender(Config, async ({ bundle, records, durations }) => {
  const { handler } = v.parse(Module, await import(bundle));
  const events = Array.from({ length: EVENTS }, (_, index) =>
    sqsEvent(Array.from({ length: records }, (_, position) => jobOf(index * records + position))),
  );
  // A container has one invocation at a time.
  const sample = await measureConcurrent(
    async (index) => v.parse(Response, await handler(events[index % EVENTS], context())),
    1,
    durations,
  );
  return { ...sample, operations: sample.operations * records };
});

function jobOf(index: number): string {
  const flowLog = { account: 'default', region: 'cn-beijing', flowLogId: flowLogIdOf(index) };
  return JSON.stringify({ activationId: activationIdOf(flowLog, BATCH_ID), generation: 1 });
}
