import * as v from 'valibot';
import { belongsTo } from '../../lib/activation/model/activation.ts';
import { httpEvent } from '../support/fakes/lambda.ts';
import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import type { HttpResponse } from './loads/http-function.ts';

type Caller = { key: string | undefined; flowLogIds: string[]; state: 'asking' | 'answered' | 'given up' };

const answerSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    batchId: v.string(),
    activations: v.array(
      v.object({ activationId: v.string(), flowLogId: v.string(), status: v.string(), joined: v.boolean() }),
    ),
  }),
);

export const CHEAT = 'fl-cheat';
const NO_KEY_SHARE = 0.15;
const CROWDED_MS = 1_000;
/** Of those who meet a deactivation, or wait for one: it may stay open for as long as its account is refused. */
const OPPOSED_GIVE_UP = 0.2;

/** Those who ask for activations: they ask again until they hear 202 (or give up), and some ask once more later. */
export class Callers {
  readonly #environment: Environment;
  readonly #deployment: Deployment;
  readonly #callers: Caller[] = [];
  /** The activations of each batch that was answered 202. */
  readonly accepted = new Map<string, string[]>();

  constructor(environment: Environment, deployment: Deployment, withinMs: number) {
    this.#environment = environment;
    this.#deployment = deployment;
    const { random, accounts, time, loads } = environment;
    for (let number = random.integer(2, 8); number > 0; number -= 1) {
      const all = accounts.idsOf(random.pick(accounts.scopes()) ?? accounts.scopeOf(''));
      const some = all.filter(() => random.chance(0.6));
      const flowLogIds = some.length > 0 ? some : all;
      const key = random.chance(NO_KEY_SHARE) ? undefined : `key-${number}`;
      const caller: Caller = { key, flowLogIds, state: 'asking' };
      this.#callers.push(caller);
      time.after(random.integer(0, withinMs), () => void this.#ask(caller));
    }
    if (loads.has('crowd')) this.#crowd(random.integer(0, withinMs));
  }

  /** Many ask at the same time, each for a few. */
  #crowd(atMs: number): void {
    const { random, accounts, time } = this.#environment;
    const left = accounts.idsOf(accounts.scopeOf(''));
    while (left.length > 0) {
      const flowLogIds = left.splice(0, random.integer(1, 3));
      const caller: Caller = { key: `crowd-${left.length}`, flowLogIds, state: 'asking' };
      this.#callers.push(caller);
      time.after(atMs + random.integer(0, CROWDED_MS), () => void this.#ask(caller));
    }
  }

  isDone(): boolean {
    return this.#callers.every(({ state }) => state !== 'asking');
  }

  /** Every key once more: the answers must be the same for ever. */
  async replayAll(): Promise<void> {
    await Promise.all(
      this.#callers
        .filter(({ key, state }) => key && state === 'answered')
        .map((caller) => this.#ask(caller)),
    );
  }

  async #ask(caller: Caller): Promise<void> {
    const { random, faults, time, accounts, loads } = this.#environment;
    const posted = await this.#post(caller.key, caller.flowLogIds);
    const answer = faults.strike('http: answer lost') ? undefined : posted;
    if (answer?.status === 202) {
      this.#hear(caller, answer);
      return;
    }
    if (answer?.status === 422 && accounts.scopeOf(caller.flowLogIds[0] ?? '').account !== 'default') {
      // Its account was not configured where it asked.
      if (caller.state === 'asking') caller.state = 'given up';
      return;
    }
    // A deactivation is open: it is asked for again, until that has ended.
    const isOpposed = loads.has('deactivations') && answer?.body.includes('opposite-request-open') === true;
    const excused = isOpposed || [undefined, 500, 503].includes(answer?.status);
    if (!excused) {
      this.#environment.violate(
        'what was promised was done',
        `POST answered ${answer?.status} ${answer?.body}`,
      );
    }
    // It is stored, and a deactivation was opened at the same moment.
    const isWaiting =
      loads.has('deactivations') &&
      !faults.isOn &&
      answer?.status === 503 &&
      accounts.mayBeRefused(caller.flowLogIds[0] ?? '');
    const isTired = (isOpposed || isWaiting) && random.chance(OPPOSED_GIVE_UP);
    if (isTired || (faults.isOn && random.chance(faults.isCopying ? 0.7 : 0.1))) {
      if (caller.state === 'asking') caller.state = 'given up';
      this.#environment.happened('caller gives up');
      return;
    }
    time.after(random.integer(500, 20_000), () => void this.#ask(caller));
  }

  #hear(caller: Caller, answer: HttpResponse): void {
    const { random, faults, time, watch, model } = this.#environment;
    const { batchId, activations } = v.parse(answerSchema, answer.body);
    caller.state = 'answered';
    this.accepted.set(
      batchId,
      activations.map(({ activationId }) => activationId),
    );
    for (const { activationId, joined } of activations) {
      const found = watch.find(activationId);
      if (!found || !belongsTo(found, batchId)) {
        this.#environment.violate('what was answered 202 can be read', `${activationId} of ${batchId}`);
      }
      if (found?.desired !== undefined) {
        this.#environment.violate('nobody joins the other direction', `${activationId} of ${batchId}`);
      }
      if (joined) this.#environment.happened('joined', activationId);
    }
    if (activations.length !== caller.flowLogIds.length) {
      this.#environment.violate('what was promised was done', `${batchId} lacks some of its flow logs`);
    }
    if (caller.key === undefined) return;
    model.answered(caller.key, JSON.stringify([batchId, activations.map(({ status: _, ...same }) => same)]));
    if (!faults.isOn) return;
    if (random.chance(0.3)) {
      this.#environment.happened('replay after 202', caller.key);
      time.after(random.integer(0, 240_000), () => void this.#ask(caller));
    }
    if (random.chance(0.05)) time.after(random.integer(0, 60_000), () => void this.#cheat(caller.key));
  }

  /** The key of an accepted request with another body: refused, and nothing written. */
  async #cheat(key: string | undefined): Promise<void> {
    const answer = await this.#post(key, [CHEAT]);
    this.#environment.happened('key used with another body', key);
    if (answer && ![422, 500].includes(answer.status)) {
      this.#environment.violate('what was promised was done', `another body was answered ${answer.status}`);
    }
  }

  #post(key: string | undefined, flowLogIds: string[]): Promise<HttpResponse | undefined> {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
    const metadata = { source: key ?? 'none', b: '2', a: '1' };
    const scope = this.#environment.accounts.scopeOf(flowLogIds[0] ?? '');
    const body = JSON.stringify({ flowLogIds, metadata, ...scope });
    return this.#deployment.answer(httpEvent('POST', '/activations', { headers, body }));
  }
}
