import * as v from 'valibot';
import type { Evidence } from '../ledger.ts';
import { JobMessage, type SeenActivation } from '../observations.ts';
import { duplicate, lost, type Violation, wrong } from '../violation.ts';

const FINAL_TYPE = /\.(completed|failed)\.v\d+$/;

export const outboxEventKey = ({ activationId, generation }: { activationId: string; generation: number }) =>
  `${activationId} generation ${generation}`;

/** What of a generation must have been told; `endedAt` is known of the latest only. */
type Generation = { key: string; status: string; endedAt?: number | undefined; activation: SeenActivation };

/** An earlier generation was redriven, which only a failed one can be. */
export function generationsOf(activations: SeenActivation[]): Generation[] {
  return activations.flatMap((activation) => {
    const { activationId, generation, status, finishedAt } = activation;
    return Array.from({ length: generation }, (_, index) => ({
      key: outboxEventKey({ activationId, generation: index + 1 }),
      activation,
      ...(index + 1 === generation ? { status, endedAt: finishedAt } : { status: 'failed' }),
    }));
  });
}

/** True for what ended before a kill of the whole world: the queues' memory may have gone with its message. */
export function isExcused({ endedAt }: Pick<Generation, 'endedAt'>, { worldKilledAt }: Evidence): boolean {
  return endedAt !== undefined && worldKilledAt.some((at) => endedAt <= at);
}

/** Exactly one final event for each generation, delivered at least once, naming every batch that waits. */
export function eventViolations(evidence: Evidence): Violation[] {
  const { events, activations, requests } = evidence;
  const finals = Map.groupBy(
    events.filter(({ type }) => FINAL_TYPE.test(type)),
    outboxEventKey,
  );
  const generations = generationsOf(activations);
  const known = new Set(generations.map(({ key }) => key));
  const told = generations.flatMap((generation): Violation[] => {
    const { key, status } = generation;
    const deliveries = finals.get(key) ?? [];
    const ids = new Set(deliveries.map(({ id }) => id));
    if (ids.size > 1) return [duplicate(`${key}: final events ${[...ids].join(', ')}`)];
    const [first] = deliveries;
    if (first === undefined) return isExcused(generation, evidence) ? [] : [lost(`${key}: no final event`)];
    return first.type.includes(status) ? [] : [wrong(`${key}: ${status}, but told ${first.type}`)];
  });
  const joiners = requests.flatMap(({ answer }) =>
    answer.activations.flatMap(({ activationId }) => {
      const deaf = [...finals.values()].flat().filter((event) => {
        return event.activationId === activationId && !event.batchIds.includes(answer.batchId);
      });
      return deaf.map(({ id }) => lost(`${id}: does not name ${answer.batchId}, which waits for it`));
    }),
  );
  const strangers = events.filter((event) => !known.has(outboxEventKey(event)));
  return [
    ...told,
    ...joiners,
    ...strangers.map(({ id }) => wrong(`${id}: an event of no accepted activation`)),
    ...unequal(events, ({ id }) => id),
  ];
}

/** Exactly one deadLetter for each failed generation, none for any other. */
export function deadLetterViolations(evidence: Evidence): Violation[] {
  const { deadLetters, activations } = evidence;
  const byKey = Map.groupBy(deadLetters, outboxEventKey);
  const wanted = generationsOf(activations).filter(
    ({ status, activation }) => status === 'failed' && activation.reason !== 'cancelled',
  );
  const missing = wanted.filter((one) => !byKey.has(one.key) && !isExcused(one, evidence));
  const known = new Set(wanted.map(({ key }) => key));
  const strangers = deadLetters.filter((deadLetter) => !known.has(outboxEventKey(deadLetter)));
  return [
    ...missing.map(({ key }) => lost(`${key}: failed without a dead letter`)),
    ...strangers.map((deadLetter) =>
      wrong(`${outboxEventKey(deadLetter)}: has not failed, but has a dead letter`),
    ),
    ...unequal(deadLetters, outboxEventKey),
  ];
}

/** The same id always has the same bytes. */
export function unequal<Message extends { body: string }>(
  messages: Message[],
  idOf: (message: Message) => string,
): Violation[] {
  return [...Map.groupBy(messages, idOf)].flatMap(([id, deliveries]) => {
    const bodies = new Set(deliveries.map(({ body }) => body));
    return bodies.size > 1 ? [duplicate(`${id}: told differently: ${[...bodies].join(' / ')}`)] : [];
  });
}

/**
 * The queue itself moves a job that was received five times and never deleted: workers that were killed over it
 * explain that, and the poller requeues it. Nothing that our own worker finds unreadable was ever sent.
 */
export function poisonViolations({ poison, activations }: Evidence): Violation[] {
  const ids = new Set(activations.map(({ activationId }) => activationId));
  return poison.flatMap(({ body, reason }) => {
    const job = v.safeParse(JobMessage, body);
    const explained = reason === undefined && job.success && ids.has(job.output.activationId);
    return explained ? [] : [wrong(`in the poison queue: ${body} (${reason ?? 'no reason'})`)];
  });
}

/** Deliveries beyond the first of each event: legal, and what a crash between telling and noting costs. */
export function redeliveries(events: { id: string }[]): number {
  return events.length - new Set(events.map(({ id }) => id)).size;
}
