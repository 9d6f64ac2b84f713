import * as v from 'valibot';
import { SimulatedSqs } from '../../support/virtual/simulated-sqs.ts';
import type { Deployment } from '../deployment.ts';
import { chooseBy, type Environment, VISIBILITY_TIMEOUT_MS } from '../environment.ts';
import type { Load } from './load.ts';
import { Receiver } from './receivers.ts';
import { createWebhookSender } from './webhook-sender.ts';

const eventSchema = v.pipe(v.string(), v.parseJson(), v.looseObject({ id: v.string(), type: v.string() }));
const deadLetteredSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ endpoint: v.string(), eventId: v.string(), reason: v.string() }),
);
const DOWN_MS = 90_000;

/** Endpoints behind the bus, of which one is down, or gone, for a while or until all that is not its own was sent. */
export function createWebhooksOutLoad(
  environment: Environment,
  deployment: Deployment,
  withinMs: number,
): Load {
  const { random, time, faults, eventbridge, violate, happened } = environment;
  // SQS loses nothing that it has accepted; what the work queue loses here stands for what it brings very late.
  const queue = new SimulatedSqs(time, random, {
    isOn: true,
    strike: (fault) => fault !== 'delivery: never' && faults.strike(fault),
  });
  queue.work.choose = chooseBy(random, faults);
  queue.work.visibilityTimeoutMs = VISIBILITY_TIMEOUT_MS;
  const healthy = new Receiver('healthy', undefined, environment);
  const picky = new Receiver('picky', ['flow-log-batch', 'flow-log-activation.failed'], environment);
  const weak = new Receiver('weak', undefined, environment);
  const receivers = [healthy, picky, weak];
  createWebhookSender(environment, deployment, queue, receivers);

  const wanted = new Map<string, string>();
  const toModel = eventbridge.onEvent;
  eventbridge.onEvent = (detail, entry) => {
    toModel(detail, entry);
    const event = v.parse(eventSchema, detail);
    wanted.set(event.id, event.type);
    // As a rule of the bus brings it, at least once.
    for (let times = random.pick([1, 1, 1, 2] as const); times > 0; times -= 1) {
      queue.work.send(
        JSON.stringify({
          version: '0',
          'detail-type': event.type,
          source: 'flow-log-activator',
          detail: event,
        }),
      );
    }
  };

  const change = (trouble: Receiver['trouble']) => {
    weak.trouble = trouble;
    happened(trouble === 'none' ? 'endpoint up again' : 'endpoint down', trouble);
  };
  const trouble = random.pick(['refuses', 'gone', 'gone'] as const);
  const fromMs = random.integer(0, withinMs);
  time.after(fromMs, () => change(trouble));
  time.after(fromMs + random.integer(1_000, DOWN_MS), () => change('none'));
  if (random.chance(0.3)) time.after(2 * withinMs - 1, () => faults.isOn && change('refuses'));

  const ofWeak = (body: string) => body.includes('"endpoint":"weak"');
  const checkHeard = (receiver: Receiver, dead: ReadonlySet<string>) => {
    for (const [id, type] of wanted) {
      const wants = receiver.types?.some((beginning) => type.startsWith(`${beginning}.`)) ?? true;
      const times = receiver.taken.get(id) ?? 0;
      if (!wants && times > 0) violate('each endpoint hears what it wants', `${receiver.name} got ${id}`);
      if (times > 0) happened(times > 1 ? 'webhook taken again' : 'webhook taken', id);
      if (!wants || times > 0 || dead.has(`${receiver.name} ${id}`)) continue;
      violate('each endpoint hears what it wants', `${receiver.name} has not heard ${id}`);
    }
  };

  return {
    isDone: () =>
      [...queue.work.messages.values()].every(({ body }) => weak.trouble === 'refuses' && ofWeak(body)),
    mend() {
      if (weak.trouble === 'none') return false;
      happened('all but a refused endpoint has heard');
      change('none');
      return true;
    },
    async atRest() {
      const buried = queue.deadLetters.bodies.map((body) => v.parse(deadLetteredSchema, body));
      for (const { endpoint, reason } of buried) {
        if (reason !== 'gone' || endpoint !== weak.name) {
          violate('each endpoint hears what it wants', `${endpoint} is given up as ${reason}`);
        }
        happened('webhook given up', endpoint);
      }
      const dead = new Set(buried.map(({ endpoint, eventId }) => `${endpoint} ${eventId}`));
      // What was received five times, by containers that were killed, waits in the queue behind.
      const poisoned = (id: string) => queue.poisoned.bodies.some((body) => body.includes(`"id":"${id}"`));
      for (const id of wanted.keys()) if (poisoned(id)) wanted.delete(id);
      for (const receiver of receivers) checkHeard(receiver, dead);
    },
  };
}
