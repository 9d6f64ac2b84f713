import * as v from 'valibot';
import type { Activation } from '../../lib/activation/model/activation.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import { httpEvent } from '../support/fakes/lambda.ts';
import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import { mayDenyRedrive } from './known-faults.ts';

const SHARE_OF_FAILURES = 0.7;
const CAUSE_REMOVED = 0.8;
const WAITS = 0.9;
const EXCUSED = [undefined, 404, 409, 500, 503];

const deadLetterSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ activationId: v.string(), generation: v.number() }),
);
const bulkSchema = v.pipe(v.string(), v.parseJson(), v.object({ queued: v.number(), adopted: v.number() }));

/** People who redrive what has failed, mostly once they have removed the cause, and repeat what they sent. */
export class Redrivers {
  readonly #environment: Environment;
  readonly #deployment: Deployment;
  #planned = 0;

  constructor(environment: Environment, deployment: Deployment, withinMs: number) {
    this.#environment = environment;
    this.#deployment = deployment;
    const { random, watch } = environment;
    const deeds: [() => unknown, number][] = [
      [() => this.#redriveAny(), 1],
      [() => this.#redriveFailed(), 3],
      [() => this.#moveDeadLetterBack(), 5],
    ];
    for (const [deed, upTo] of deeds) {
      for (let times = random.integer(0, upTo); times > 0; times -= 1) {
        this.#later(random.integer(withinMs / 20, withinMs), deed);
      }
    }
    watch.onFailed = (failed) => {
      if (!environment.faults.isOn || !random.chance(SHARE_OF_FAILURES)) return;
      this.#later(random.integer(500, 30_000), () => this.#takeCareOf(failed));
    };
  }

  isDone(): boolean {
    return this.#planned === 0;
  }

  #later(afterMs: number, deed: () => unknown): void {
    this.#planned += 1;
    this.#environment.time.after(afterMs, async () => {
      await deed();
      this.#planned -= 1;
    });
  }

  /** Looks first, as people do: what is failed no longer is left alone, what is not yet told is waited for. */
  async #takeCareOf(failed: Activation): Promise<void> {
    const { random, faults, watch } = this.#environment;
    const { activationId, flowLogId, generation } = failed;
    const current = watch.current.get(flowLogId);
    const isFailed = current?.activationId === activationId && current.generation === generation;
    if (!isFailed || current.status !== 'failed') return;
    if (current.outbox.length > 0 && random.chance(WAITS)) {
      if (faults.isOn) this.#later(2_000, () => this.#takeCareOf(failed));
      return;
    }
    if (random.chance(CAUSE_REMOVED)) this.#removeCause(failed);
    const deed = random.pick(['redrive', 'redrive', 'redrive', 'bulk', 'deadLetter'] as const);
    if (deed === 'bulk') await this.#redriveFailed();
    else if (deed === 'deadLetter') this.#moveDeadLetterBack();
    else await this.#redrive(activationId, random.chance(0.7) ? generation : undefined);
  }

  async redriveMended(failed: Activation): Promise<void> {
    const { activationId, generation } = failed;
    this.#removeCause(failed);
    await this.#redrive(activationId, generation);
  }

  #removeCause({ flowLogId, desired }: Activation): void {
    const flowLog = this.#environment.volcengine.flowLogs.get(flowLogId);
    if (flowLog === undefined) return;
    if (flowLog.isLocked) flowLog.lock(false);
    if (flowLog.status === 'Active' || flowLog.status === 'Creating') return;
    flowLog.become(desired === undefined ? 'Inactive' : 'Active');
  }

  async #redriveAny(): Promise<void> {
    const { random, watch } = this.#environment;
    const chosen = random.pick([...watch.current.values()]);
    if (chosen === undefined) return;
    const expected = random.chance(0.5) ? random.integer(1, chosen.generation) : undefined;
    await this.#redrive(chosen.activationId, expected);
  }

  async #redrive(activationId: string, expected: number | undefined): Promise<void> {
    const { watch, model, happened, violate, redrives } = this.#environment;
    const before = watch.find(activationId);
    const isPast = expected !== undefined && before !== undefined && before.generation > expected;
    const end = redrives.asked({ activationId, expected });
    const answer = await this.#post(
      'POST /activations/{activationId}/redrive',
      { ...(expected !== undefined && { generation: expected }) },
      { activationId },
    );
    end();
    this.#maybeRepeat(activationId, expected);
    if (answer?.status !== 202) {
      this.#excuse('redrive', answer?.status);
      if (answer?.status !== 409) return;
      happened('redrive refused', `${activationId} ${answer.body}`);
      if (isPast) violate('what was promised was done', `${activationId} is past ${expected}, but 409`);
      if (redrives.hasOpened(answer.invocation, activationId) && !mayDenyRedrive(answer.invocation)) {
        violate('what was promised was done', `redrive of ${activationId} is 409, but was done`);
      }
      return;
    }
    if (isPast && before.status === 'failed')
      happened('redrive repeated after a later failure', activationId);
    else if (redrives.hasOpened(answer.invocation, activationId)) happened('redriven', activationId);
    const next = (expected ?? 1) + 1;
    if (!model.activations.get(activationId)?.generations.has(next)) {
      violate('what was promised was done', `redrive of ${activationId} after ${expected}`);
    }
  }

  /** Who names the generation may send the same again, at any time. */
  #maybeRepeat(activationId: string, expected: number | undefined): void {
    const { random, faults, watch } = this.#environment;
    if (!faults.isOn || expected === undefined || !random.chance(0.5)) return;
    const repeat = () => this.#redrive(activationId, expected);
    if (random.chance(0.5)) {
      this.#later(random.integer(0, 120_000), repeat);
      return;
    }
    // The worst moment for it: when what it has opened has failed, and that is told.
    const untilTold = async () => {
      const { status, generation, outbox } = watch.find(activationId) ?? {};
      if (status === 'failed' && generation !== expected && outbox?.length === 0) await repeat();
      else if (faults.isOn) this.#later(5_000, untilTold);
    };
    void untilTold();
  }

  async #redriveFailed(): Promise<void> {
    const { random, happened, redrives } = this.#environment;
    const reason = random.chance(0.5) ? random.pick(FAILURE_REASONS) : undefined;
    const body = { limit: random.integer(1, 5), ...(reason && { reason }) };
    const end = redrives.asked({ reason });
    const answer = await this.#post('POST /dead-letters/redrive', body, {});
    end();
    if (answer?.status !== 202) {
      this.#excuse('bulk redrive', answer?.status);
      return;
    }
    const { queued, adopted } = v.parse(bulkSchema, answer.body);
    if (queued + adopted > 0) happened('redriven in bulk', `${queued} queued, ${adopted} adopted`);
  }

  /** A console's redrive of the dead-letter queue; the message may be moved twice, as any may be delivered. */
  #moveDeadLetterBack(): void {
    const { random, sqs, happened, redrives } = this.#environment;
    const message = random.pick([...sqs.deadLetters.messages.values()]);
    if (message === undefined) return;
    const { messageId, body: deadLetter } = message;
    sqs.deadLetters.delete([messageId]);
    happened('deadLetter moved back', deadLetter.slice(0, 100));
    const { activationId, generation } = v.parse(deadLetterSchema, deadLetter);
    redrives.deadLetterMovedBack(activationId, generation);
    sqs.work.send(deadLetter);
  }

  #post(routeKey: string, content: unknown, pathParameters: Record<string, string>) {
    const path = routeKey.slice('POST '.length);
    const headers = { 'content-type': 'application/json' };
    return this.#deployment.answer(
      httpEvent('POST', path, { routeKey, pathParameters, headers, body: JSON.stringify(content) }),
    );
  }

  #excuse(what: string, status: number | undefined): void {
    if (!EXCUSED.includes(status)) {
      this.#environment.violate('what was promised was done', `${what} answered ${status}`);
    }
  }
}
