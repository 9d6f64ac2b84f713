import * as v from 'valibot';
import { FAILURE_REASONS } from '../../lib/activation/outcome.ts';
import { httpEvent } from '../fakes/lambda.ts';
import type { Deployment } from './deployment.ts';
import type { World } from './world.ts';

const CANCEL_WHILE_CALLED = 0.05;
const EXCUSED = [undefined, 404, 409, 500, 503];

/** What operators do, and what befalls flow logs, at any time of the schedule's first part. */
export class Mischief {
  readonly #world: World;
  readonly #deployment: Deployment;

  constructor(world: World, deployment: Deployment, withinMs: number) {
    this.#world = world;
    this.#deployment = deployment;
    const { random, time } = world;
    const deeds: [() => unknown, number][] = [
      [() => this.#cancel(), 3],
      [() => this.#redrive(), 6],
      [() => this.#redriveFailed(), 4],
      [() => this.#moveLetterBack(), 6],
      [() => this.#changeFlowLog(), 2],
      [() => this.#spoilCompleted(), 8],
    ];
    for (const [deed, upTo] of deeds) {
      for (let times = random.integer(0, upTo); times > 0; times -= 1) {
        time.after(random.integer(withinMs / 20, withinMs), () => void deed());
      }
    }
    // The worst moment for it: while the call is on its way.
    world.watch.onLease = ({ activationId }) => {
      if (world.faults.isOn && random.chance(CANCEL_WHILE_CALLED)) void this.#cancel(activationId);
    };
  }

  async #cancel(activationId = this.#world.random.pick([...this.#world.model.activations.keys()])) {
    const { model, cancelsAsked, happened } = this.#world;
    if (activationId === undefined) return;
    cancelsAsked.add(activationId);
    const routeKey = 'DELETE /activations/{activationId}';
    const pathParameters = { activationId };
    const answer = await this.#deployment.answer(
      httpEvent('DELETE', `/activations/${activationId}`, { routeKey, pathParameters }),
    );
    if (answer?.status !== 202) {
      this.#excuse('cancel', answer?.status);
      if (answer?.status === 409) happened('cancel refused', activationId);
      return;
    }
    happened('cancelled', activationId);
    const ends = [...(model.activations.get(activationId)?.generations.values() ?? [])].map(
      ({ end }) => end?.reason,
    );
    if (!ends.includes('cancelled')) {
      this.#world.violate('what was promised was done', `cancel of ${activationId}`);
    }
  }

  async #redrive(): Promise<void> {
    const { random, watch, model, happened } = this.#world;
    const known = [...watch.current.values()];
    const failed = known.filter(({ status }) => status === 'failed');
    const chosen = random.pick(failed.length > 0 && random.chance(0.8) ? failed : known);
    if (chosen === undefined) return;
    const { activationId } = chosen;
    const expected = random.chance(0.5) ? random.integer(1, chosen.generation) : undefined;
    const routeKey = 'POST /activations/{activationId}/redrive';
    const answer = await this.#post(
      routeKey,
      { ...(expected && { generation: expected }) },
      { activationId },
    );
    if (answer?.status !== 202) {
      this.#excuse('redrive', answer?.status);
      if (answer?.status === 409) happened('redrive refused', activationId);
      return;
    }
    happened('redriven', activationId);
    const next = (expected ?? 1) + 1;
    if (!model.activations.get(activationId)?.generations.has(next)) {
      this.#world.violate('what was promised was done', `redrive of ${activationId} after ${expected}`);
    }
  }

  async #redriveFailed(): Promise<void> {
    const { random, happened } = this.#world;
    const reason = random.chance(0.5) ? random.pick(FAILURE_REASONS) : undefined;
    const body = { limit: random.integer(1, 5), ...(reason && { reason }) };
    const answer = await this.#post('POST /dead-letters/redrive', body, {});
    if (answer?.status !== 202) {
      this.#excuse('bulk redrive', answer?.status);
      return;
    }
    const { queued, adopted } = v.parse(
      v.pipe(v.string(), v.parseJson(), v.object({ queued: v.number(), adopted: v.number() })),
      answer.body,
    );
    if (queued + adopted > 0) happened('redriven in bulk', `${queued} queued, ${adopted} adopted`);
  }

  /** A console's redrive of the dead-letter queue; the message may be moved twice, as any may be delivered. */
  #moveLetterBack(): void {
    const { sqs, happened } = this.#world;
    const letter = sqs.takeLetter();
    if (letter === undefined) return;
    happened('letter moved back', letter.slice(0, 100));
    sqs.send(letter);
  }

  #changeFlowLog(): void {
    const { random, volcengine, happened } = this.#world;
    const flowLog = random.pick([...volcengine.flowLogs.values()]);
    if (flowLog === undefined || flowLog.status === 'absent') return;
    const { flowLogId, status } = flowLog;
    const deed = random.pick(['activate', 'deactivate', 'lock', 'unlock', 'delete'] as const);
    if (deed === 'activate' && status === 'Inactive') {
      flowLog.become('Active');
      happened('flow log activated by someone else', flowLogId);
    } else if (deed === 'deactivate' && status === 'Active') {
      flowLog.become('Inactive');
      happened('flow log deactivated', flowLogId);
    } else if (deed === 'lock' && !flowLog.isLocked) {
      flowLog.lock(true);
      happened('flow log locked', flowLogId);
    } else if (deed === 'unlock' && flowLog.isLocked) {
      flowLog.lock(false);
      happened('flow log unlocked', flowLogId);
    } else if (deed === 'delete') {
      flowLog.become(random.pick(['Deleting', 'absent'] as const));
      happened('flow log deleted', flowLogId);
    }
  }

  /** What drift is made of; some of it heals. */
  #spoilCompleted(): void {
    const { random, watch, volcengine, time, happened } = this.#world;
    const completed = [...watch.current.values()].filter(({ status }) => status === 'completed');
    const flowLog = volcengine.flowLogs.get(random.pick(completed)?.flowLogId ?? '');
    if (flowLog?.status !== 'Active' || flowLog.isLocked) return;
    happened('completed flow log spoiled', flowLog.flowLogId);
    const isLock = random.chance(0.4);
    if (isLock) flowLog.lock(true);
    else flowLog.become(random.pick(['Inactive', 'Inactive', 'Deleting', 'absent', 'Failed'] as const));
    if (random.chance(0.2)) return;
    time.after(random.integer(1_000, 200_000), () => {
      if (isLock) flowLog.lock(false);
      else if (['Inactive', 'Failed', 'absent'].includes(flowLog.status)) flowLog.become('Active');
    });
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
      this.#world.violate('what was promised was done', `${what} answered ${status}`);
    }
  }
}
