import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import { context, sqsEvent } from '../support/fakes/lambda.ts';
import { bodyNear } from './http-input.ts';
import { mostly, oddText } from './odd-text.ts';
import { type CapturedOutput, captureOutput } from './output.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { checkWorld } from './workflow-surfaces.ts';
import { createWorld, KNOWN_ACTIVATIONS } from './world.ts';

const [GOOD = ''] = KNOWN_ACTIVATIONS;
const goodJob = JSON.stringify({ activationId: GOOD, generation: 1 });

const job = fc.record(
  {
    activationId: mostly(fc.constantFrom(...KNOWN_ACTIVATIONS.slice(1)), oddText),
    generation: mostly(fc.integer({ min: 1, max: 2 }), fc.integer()),
    redrive: fc.constant(true),
    reason: fc.constantFrom('frozen', 'not-found'),
    history: fc.constant([]),
  },
  { requiredKeys: ['activationId', 'generation'] },
);
const body = bodyNear(job).map((bytes) =>
  bytes.toString().replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd'),
);
const attributes = fc.record({ ApproximateReceiveCount: oddText, SentTimestamp: oddText });

/** What SQS lets a message and its attributes hold: docs "SendMessage", MessageBody. */
const SQS_TEXT = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;
const REASON_BYTES = 1_024;

let output: CapturedOutput | undefined;

/** Whole batches with one good job among them, which must be answered whatever its neighbours are. */
export const SQS_SURFACE: Surface = defineSurface({
  name: 'SQS messages',
  inputs: fc.record({ bodies: fc.array(body, { minLength: 1, maxLength: 4 }), place: fc.nat(4), attributes }),
  async open() {
    output = captureOutput();
    return async () => output?.restore();
  },
  async probe({ bodies, place, attributes: odd }) {
    const world = createWorld();
    const event = sqsEvent(bodies.toSpliced(place, 0, goodJob));
    const records = event.Records.map(
      (record): SQSRecord => ({ ...record, attributes: { ...record.attributes, ...odd } }),
    );
    const stack = sqsBatchHandler((record, invocation) => handleRecord(world, record, invocation));
    const { batchItemFailures } = await stack({ Records: records }, context());
    output?.check();
    require(batchItemFailures.length === 0, () => `given back: ${JSON.stringify(world.log.lines.at(-1))}`);
    checkWorld(world);
    const good = await world.store.readActivation(GOOD);
    require(good?.status === 'pending', 'a good job went unanswered');
    for (const { body: poisoned, reason } of world.queue.poisoned) {
      require(bodies.includes(poisoned), 'poisoned with another body');
      require(SQS_TEXT.test(reason), () => `SQS refuses the reason ${JSON.stringify(reason)}`);
      require(Buffer.byteLength(reason) <= REASON_BYTES, `a reason of ${reason.length} characters`);
    }
    return world.queue.poisoned.length === bodies.length ? 'refused' : 'accepted';
  },
});
