import * as v from 'valibot';
import { activationCompletedSchema } from '../../events/activation-completed-v1.ts';
import { activationFailedSchema } from '../../events/activation-failed-v1.ts';
import { activationSubmittedSchema } from '../../events/activation-submitted-v1.ts';
import { batchCompletedSchema } from '../../events/batch-completed-v1.ts';
import { deactivationBatchCompletedSchema } from '../../events/deactivation-batch-completed-v1.ts';
import { deactivationCompletedSchema } from '../../events/deactivation-completed-v1.ts';
import { deactivationFailedSchema } from '../../events/deactivation-failed-v1.ts';
import { deactivationSubmittedSchema } from '../../events/deactivation-submitted-v1.ts';
import { flowLogDriftedSchema } from '../../events/flow-log-drifted-v1.ts';
import { policyRunCompletedSchema } from '../../events/policy-run-completed-v1.ts';
import { type Activation, HISTORY_LIMIT, isOpen } from '../../lib/activation/model/activation.ts';
import type { DeadLetter, Event } from '../../lib/activation/model/message-ports.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import { fromActivationItem, toActivationItem } from '../../lib/aws/activation-item.ts';
import { require } from './surface.ts';
import { isWellFormed } from './well-formed.ts';

/** Far below the 400 kB of a DynamoDB item: an answer must not be able to fill it. */
const ITEM_BYTES = 50_000;

/** Throws Violation unless the record is one that the workflow may leave behind. */
export function checkRecord(record: Activation): void {
  const item = toActivationItem(record);
  const text = JSON.stringify(item);
  require(Buffer.byteLength(text) <= ITEM_BYTES, () => `a record of ${text.length} characters`);
  require(isWellFormed(item), () => `a record with broken Unicode: ${text.slice(0, 1_000)}`);
  const back = JSON.stringify(sorted(fromActivationItem(JSON.parse(text))));
  require(back === JSON.stringify(sorted(record)), () => `the table gives another record back: ${back}`);

  const { status, generation, outbox, dueAt, history, lastError, reason } = record;
  const isDone = !isOpen(record) && outbox.length === 0;
  require((dueAt === undefined) === isDone, () => `dueAt is ${dueAt} while ${status} with ${outbox}`);
  require(history.length <= HISTORY_LIMIT, 'a history beyond its limit');
  require(outbox.every((entry) => entry.endsWith(`#${generation}`)), () => `an outbox of ${outbox}`);
  require(new Set(outbox).size === outbox.length, () => `an outbox of ${outbox}`);
  require((reason === undefined) !== (status === 'failed'), () => `${status} with reason ${reason}`);
  require(!lastError || (lastError.code !== '' && lastError.code.length <= 128), 'the code of lastError');
  require(!lastError || lastError.message.length <= 500, 'the message of lastError');
}

const eventSchemas = v.variant('type', [
  activationSubmittedSchema,
  activationCompletedSchema,
  activationFailedSchema,
  batchCompletedSchema,
  flowLogDriftedSchema,
  deactivationSubmittedSchema,
  deactivationCompletedSchema,
  deactivationFailedSchema,
  deactivationBatchCompletedSchema,
  policyRunCompletedSchema,
]);

export function checkEvent(event: Event): void {
  const body: unknown = JSON.parse(event.body);
  require(v.is(eventSchemas, body), () => `not an event of ours: ${event.body}`);
  require(isWellFormed(body), () => `an event with broken Unicode: ${event.body}`);
  require(Number.isFinite(event.at), 'an event at no time');
}

export function checkDeadLetter(deadLetter: DeadLetter): void {
  const reasons: readonly string[] = FAILURE_REASONS;
  require(reasons.includes(deadLetter.reason), `a dead letter with reason ${deadLetter.reason}`);
  require(isWellFormed(deadLetter), () => `a dead letter with broken Unicode: ${JSON.stringify(deadLetter)}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    present.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
