import * as v from 'valibot';
import { BatchModel, type End } from './batch-model.ts';
import { DriftModel } from './drift-model.ts';
import type { Violate } from './rules.ts';

type Generation = {
  end?: End & { batchIds: Set<string> };
  tokens: Set<string>;
  /** Of Volcengine's, that its calls were answered with. */
  tasks: Set<string>;
  events: Map<string, string>;
  finalIds: Set<string>;
  heard: Set<string>;
  deadLetters: Set<string>;
};
type Known = {
  flowLogId: string;
  desired: 'Inactive' | undefined;
  batchIds: Set<string>;
  generations: Map<number, Generation>;
};

const typeSchema = v.pipe(v.string(), v.parseJson(), v.object({ type: v.string() }));
const ACTIVATION_EVENT = /^flow-log-(de)?activation\.(submitted|completed|failed)\.v1$/;
const eventSchema = v.object({
  id: v.string(),
  type: v.string(),
  data: v.object({
    activationId: v.string(),
    generation: v.number(),
    batchIds: v.array(v.string()),
    asyncTaskId: v.optional(v.string()),
  }),
});
const deadLetterSchema = v.object({ activationId: v.string(), generation: v.number(), reason: v.string() });

/**
 * All that the outside may observe: a flow log has at most one open generation, which ends once; the end is told by
 * one event and, if it failed, by one deadLetter, both as often as may be and always the same; one token is used for it.
 * Batches and drifts have models of their own.
 */
export class ReferenceModel {
  readonly activations = new Map<string, Known>();
  readonly batches: BatchModel;
  readonly drifts: DriftModel;
  /** A schedule in dry run has told what it would start. */
  onPlanned: (detail: string) => void = () => {};
  readonly #open = new Map<string, { activationId: string; generation: number }>();
  readonly #tokens = new Map<string, Generation>();
  readonly #answers = new Map<string, string>();
  readonly #violate: Violate;
  readonly #common: (body: string) => string;

  /** `common`: of what is published under an id, what every version publishes. */
  constructor(violate: Violate, common = (body: string) => body) {
    this.#violate = violate;
    this.#common = common;
    this.batches = new BatchModel(violate, common);
    this.drifts = new DriftModel(violate, common);
  }

  opened(flowLogId: string, activationId: string, generation: number, desired?: 'Inactive'): void {
    const open = this.#open.get(flowLogId);
    if (open) {
      this.#violate('one open activation for a flow log', `${activationId} beside ${open.activationId}`);
    }
    this.#open.set(flowLogId, { activationId, generation });
    const known = this.activations.get(activationId) ?? {
      flowLogId,
      desired,
      batchIds: new Set(),
      generations: new Map(),
    };
    this.activations.set(activationId, known);
    if (known.generations.has(generation)) {
      this.#violate('one end for a generation', `${activationId} opened twice`);
    }
    const sets = { tokens: new Set<string>(), tasks: new Set<string>(), finalIds: new Set<string>() };
    const told = { events: new Map(), heard: new Set<string>(), deadLetters: new Set<string>() };
    known.generations.set(generation, { ...sets, ...told });
  }

  joined(activationId: string, batchIds: string[]): void {
    for (const batchId of batchIds) this.activations.get(activationId)?.batchIds.add(batchId);
  }

  ended(flowLogId: string, activationId: string, generation: number, end: End): void {
    const ending = this.#generation(activationId, generation);
    if (!ending || ending.end) this.#violate('one end for a generation', `${activationId} ${generation}`);
    else ending.end = { ...end, batchIds: new Set(this.activations.get(activationId)?.batchIds) };
    this.#open.delete(flowLogId);
    for (const batchId of ending?.end?.batchIds ?? []) {
      const ends = this.#endsOf(batchId);
      if (ends) this.batches.allFinal(batchId, ends);
    }
  }

  /** Undefined while any flow log of the batch is open, or not opened. */
  #endsOf(batchId: string): End[] | undefined {
    const own = [...this.activations.values()].filter(({ batchIds }) => batchIds.has(batchId));
    const ends = this.batches.flowLogIdsOf(batchId)?.map((flowLogId) => {
      const generations = own.find((known) => known.flowLogId === flowLogId)?.generations;
      return generations && [...generations.values()].at(-1)?.end;
    });
    return ends?.every((end) => end !== undefined) ? ends : undefined;
  }

  called(flowLogId: string, token: string): void {
    const open = this.#open.get(flowLogId);
    const generation = open && this.#generation(open.activationId, open.generation);
    if (!generation) {
      this.#violate('calls only under a lease', `${flowLogId} has nothing open`);
      return;
    }
    generation.tokens.add(token);
    const owner = this.#tokens.get(token) ?? generation;
    this.#tokens.set(token, owner);
    if (generation.tokens.size > 1 || owner !== generation) {
      this.#violate('one ClientToken for a generation', `${open.activationId} ${open.generation}`);
    }
  }

  accepted(flowLogId: string, taskId: string): void {
    const open = this.#open.get(flowLogId);
    if (open) this.#generation(open.activationId, open.generation)?.tasks.add(taskId);
  }

  activated(flowLogId: string): void {
    if (!this.#open.has(flowLogId)) this.#violate('no effective activation after the end', flowLogId);
  }

  published(detail: string): void {
    const { type } = v.parse(typeSchema, detail);
    if (ACTIVATION_EVENT.test(type)) this.#activationPublished(detail);
    else if (type === 'flow-log-batch.completed.v1') this.batches.published(detail);
    else if (type === 'flow-log-deactivation-batch.completed.v1') this.batches.published(detail, 'Inactive');
    else if (type === 'flow-log.drifted.v1') this.drifts.published(detail);
    else if (type === 'flow-log-batch.planned.v1') this.onPlanned(detail);
    else this.#violate('nothing is told before it is true', `an event of unknown type: ${detail}`);
  }

  #activationPublished(detail: string): void {
    const { id, type, data } = v.parse(v.pipe(v.string(), v.parseJson(), eventSchema), detail);
    const generation = this.#generation(data.activationId, data.generation);
    if (!generation) {
      this.#violate('nothing is told before it is true', `an event of nothing known: ${id}`);
      return;
    }
    const isOfDeactivation = type.startsWith('flow-log-deactivation.');
    if ((this.activations.get(data.activationId)?.desired !== undefined) !== isOfDeactivation) {
      this.#violate('nothing is told before it is true', `${id} has the type ${type}`);
    }
    if (data.asyncTaskId !== undefined && !generation.tasks.has(data.asyncTaskId)) {
      this.#violate('nothing is told before it is true', `${id} of ${data.asyncTaskId}, another's task`);
    }
    if (this.#common(generation.events.get(id) ?? detail) !== this.#common(detail)) {
      this.#violate('the same bytes for the same id', `${generation.events.get(id)} then ${detail}`);
    }
    generation.events.set(id, detail);
    if (type.includes('submitted')) return;
    if (!generation.end || !type.includes(generation.end.status)) {
      this.#violate('nothing is told before it is true', `${id} while ${generation.end?.status ?? 'open'}`);
    }
    generation.finalIds.add(id);
    for (const batchId of data.batchIds) generation.heard.add(batchId);
    if (generation.finalIds.size > 1) this.#violate('one final event for a generation', id);
  }

  deadLetterSent(body: string): void {
    const deadLetter = v.parse(v.pipe(v.string(), v.parseJson(), deadLetterSchema), body);
    const generation = this.#generation(deadLetter.activationId, deadLetter.generation);
    const name = `${deadLetter.activationId} ${deadLetter.generation}`;
    if (!generation?.end) {
      this.#violate('no dead letter for an open generation', name);
      return;
    }
    generation.deadLetters.add(this.#common(body));
    const { status, reason } = generation.end;
    if (status !== 'failed' || reason === 'cancelled' || generation.deadLetters.size > 1) {
      this.#violate('one dead letter for a failed generation', `${name} ${status} ${reason}`);
    }
  }

  /** Whether it is the first answer for its key. */
  answered(key: string, answer: string): boolean {
    const isFirst = !this.#answers.has(key);
    const first = this.#answers.get(key) ?? answer;
    this.#answers.set(key, first);
    if (first !== answer) this.#violate('equal answers for equal keys', `${key}: ${first} then ${answer}`);
    return isFirst;
  }

  /** Whether the fact that an outbox entry stands for has reached the outside. */
  isTold(activationId: string, entry: string): boolean {
    const [type = '', number] = entry.split('#');
    if (type === 'drifted') return this.drifts.isTold(activationId, Number(number));
    const generation = this.#generation(activationId, Number(number));
    if (type === 'dead-letter') return (generation?.deadLetters.size ?? 0) > 0;
    return [...(generation?.events.keys() ?? [])].some((id) => id.endsWith(`.${type}`));
  }

  /** Once everything has come to rest. */
  atRest(): void {
    this.batches.atRest();
    this.drifts.atRest();
    for (const [activationId, { generations }] of this.activations) {
      for (const [number, { end, finalIds, deadLetters, heard }] of generations) {
        const name = `${activationId} ${number}`;
        if (!end) this.#violate('everything ends in bounded time', `${name} is open`);
        if (finalIds.size !== 1) {
          this.#violate('one final event for a generation', `${name}: ${finalIds.size}`);
        }
        const wanted = end?.status === 'failed' && end.reason !== 'cancelled' ? 1 : 0;
        if (deadLetters.size !== wanted) this.#violate('one dead letter for a failed generation', name);
        const unheard = [...(end?.batchIds ?? [])].filter((batchId) => !heard.has(batchId));
        if (unheard.length > 0) {
          this.#violate('everyone who joined hears the end', `${name}: ${unheard.join()}`);
        }
      }
    }
  }

  #generation(activationId: string, generation: number): Generation | undefined {
    return this.activations.get(activationId)?.generations.get(generation);
  }
}
