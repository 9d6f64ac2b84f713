import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import { context, sqsEvent } from '../support/fakes/lambda.ts';
import { isSqsText, messageNear } from './message-input.ts';
import { mostly, oddText } from './odd-text.ts';
import { defineLoggingSurface } from './output.ts';
import { require, type Surface } from './surface.ts';
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
const body = messageNear(job);
const attributes = fc.record({ ApproximateReceiveCount: oddText, SentTimestamp: oddText });

const REASON_BYTES = 1_024;

/** Whole batches with one good job among them, which must be answered whatever its neighbours are. */
export const SQS_SURFACE: Surface = defineLoggingSurface({
  name: 'SQS messages',
  inputs: fc.record({ bodies: fc.array(body, { minLength: 1, maxLength: 4 }), place: fc.nat(4), attributes }),
  async probe({ bodies, place, attributes: odd }) {
    const world = createWorld();
    const event = sqsEvent(bodies.toSpliced(place, 0, goodJob));
    const records = event.Records.map(
      (record): SQSRecord => ({ ...record, attributes: { ...record.attributes, ...odd } }),
    );
    const stack = sqsBatchHandler((record, invocation) => handleRecord(world, record, invocation));
    const { batchItemFailures } = await stack({ Records: records }, context());
    require(batchItemFailures.length === 0, () => `given back: ${JSON.stringify(world.log.lines.at(-1))}`);
    checkWorld(world);
    const good = await world.store.readActivation(GOOD);
    require(good?.status === 'pending', 'a good job went unanswered');
    for (const { body: poisoned, reason } of world.queue.poisoned) {
      require(bodies.includes(poisoned), 'poisoned with another body');
      require(isSqsText(reason), () => `SQS refuses the reason ${JSON.stringify(reason)}`);
      require(Buffer.byteLength(reason) <= REASON_BYTES, `a reason of ${reason.length} characters`);
    }
    return world.queue.poisoned.length === bodies.length ? 'refused' : 'accepted';
  },
});
