import { createHmac } from 'node:crypto';
import type { PostOutcome, WebhookRequest } from '../../../lib/webhooks/outbound/ports.ts';
import type { SeededRandom } from '../../support/fakes/seeded-random.ts';
import type { VirtualTime } from '../../support/virtual/virtual-time.ts';
import type { Environment } from '../environment.ts';
import { asPublishedBy } from '../known-faults.ts';
import type { Violate } from '../rules.ts';

const SECRET = Buffer.alloc(32, 7).toString('base64');
export const WEBHOOK_SECRET = `whsec_${SECRET}`;
const STALE_MS = 300_000;
const REFUSALS = [429, 500, 503, 302, 404] as const;

export type Trouble = 'none' | 'refuses' | 'gone';

/** The far end of one endpoint: it verifies what it gets, and remembers it. */
export class Receiver {
  readonly name: string;
  readonly types: readonly string[] | undefined;
  trouble: Trouble = 'none';
  /** How often each event was taken, by its id. */
  readonly taken = new Map<string, number>();
  readonly #bodies = new Map<string, string>();
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #violate: Violate;
  readonly #released: string | undefined;

  constructor(
    name: string,
    types: readonly string[] | undefined,
    { time, random, violate, rollout }: Pick<Environment, 'time' | 'random' | 'violate' | 'rollout'>,
  ) {
    this.name = name;
    this.types = types;
    this.#time = time;
    this.#random = random;
    this.#violate = violate;
    this.#released = rollout.release?.version;
  }

  receive({ headers, body }: WebhookRequest): PostOutcome {
    const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = headers;
    const signed = createHmac('sha256', Buffer.from(SECRET, 'base64')).update(`${id}.${timestamp}.${body}`);
    if (headers['webhook-signature'] !== `v1,${signed.digest('base64')}`) {
      this.#violate('each endpoint hears what it wants', `${this.name}: ${id} is not signed`);
    }
    if (Math.abs(this.#time.now - Number(timestamp) * 1_000) > STALE_MS) {
      this.#violate('each endpoint hears what it wants', `${this.name}: ${id} is stale`);
    }
    const first = this.#bodies.get(id) ?? body;
    this.#bodies.set(id, first);
    if (asPublishedBy(this.#released, first) !== asPublishedBy(this.#released, body))
      this.#violate('the same bytes for the same id', `${id}: ${first} then ${body}`);
    if (this.trouble === 'gone') return { kind: 'response', httpStatus: 410, excerpt: '' };
    if (this.trouble === 'refuses') {
      return { kind: 'response', httpStatus: this.#random.pick(REFUSALS), excerpt: 'not now' };
    }
    const eventId = String(JSON.parse(body).id);
    this.taken.set(eventId, (this.taken.get(eventId) ?? 0) + 1);
    return { kind: 'response', httpStatus: this.#random.pick([200, 202, 204] as const), excerpt: '' };
  }
}
