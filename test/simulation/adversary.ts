import type { Activation } from '../../lib/activation/model/activation.ts';
import { httpEvent } from '../support/fakes/lambda.ts';
import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';

const CANCEL_WHILE_CALLED = 0.05;
const JUST_IN_TIME = 0.3;
const EXCUSED = [undefined, 404, 409, 500, 503];

/** What operators do, and what befalls flow logs, at any time of the schedule's first part. */
export class Adversary {
  readonly #environment: Environment;
  readonly #deployment: Deployment;

  constructor(environment: Environment, deployment: Deployment, withinMs: number) {
    this.#environment = environment;
    this.#deployment = deployment;
    const { random, time, watch } = environment;
    const deeds: [() => unknown, number][] = [
      [() => this.cancel(), 3],
      [() => this.#changeFlowLog(), 2],
      [() => this.#spoilCompleted(), 8],
    ];
    for (const [deed, upTo] of deeds) {
      for (let times = random.integer(0, upTo); times > 0; times -= 1) {
        time.after(random.integer(withinMs / 20, withinMs), () => void deed());
      }
    }
    watch.onArchived = (copy) => this.#spoilOriginal(copy);
    watch.onPending = (pending) => this.#activateJustInTime(pending);
    // The worst moment for it: while the call is on its way.
    watch.onLease = ({ activationId }) => {
      if (environment.faults.isOn && random.chance(CANCEL_WHILE_CALLED)) void this.cancel(activationId);
    };
  }

  async cancel(
    activationId = this.#environment.random.pick([...this.#environment.model.activations.keys()]),
  ) {
    const { model, cancelsAsked, happened } = this.#environment;
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
      this.#environment.violate('what was promised was done', `cancel of ${activationId}`);
    }
  }

  #changeFlowLog(): void {
    const { random, volcengine, happened } = this.#environment;
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

  /** Someone else, just before the deadline: then it has been Active in time, however late that is seen. */
  #activateJustInTime(pending: Activation): void {
    const { flowLogId, deadlineAt, pendingDeadlineAt = deadlineAt } = pending;
    const { random, faults, time, volcengine, watch, happened } = this.#environment;
    const flowLog = volcengine.flowLogs.get(flowLogId);
    if (!faults.isOn || flowLog?.status !== 'Pending' || !(faults.isLagging || random.chance(JUST_IN_TIME)))
      return;
    const atMs =
      Math.min(deadlineAt, pendingDeadlineAt) - random.integer(1, random.pick([500, 5_000])) - time.now;
    time.after(atMs, () => {
      const { activationId, generation } = watch.current.get(flowLogId) ?? {};
      const hasEnded = activationId !== pending.activationId || generation !== pending.generation;
      if (hasEnded || flowLog.status !== 'Pending') return;
      flowLog.become('Active');
      happened('flow log Active just before the deadline', flowLogId);
    });
  }

  /** What drift is made of; some of it heals. */
  #spoilCompleted(): void {
    const { random, watch, volcengine, time, happened } = this.#environment;
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

  /** What a replacement that crashes has left in its place drifts, or can be redriven. */
  #spoilOriginal({ activationId, flowLogId, status, outbox, finishedAt = 0 }: Activation): void {
    const { random, faults, time, watch, volcengine, policy } = this.#environment;
    if (!faults.isCopying || outbox.length === 0) return;
    // No drift is believed sooner.
    const soonestMs = finishedAt + policy.replicaLagMs - time.now;
    time.after(Math.max(0, soonestMs) + random.integer(1_000, 10_000), () => {
      const flowLog = volcengine.flowLogs.get(flowLogId);
      if (!faults.isOn || watch.current.get(flowLogId)?.activationId !== activationId) return;
      flowLog?.become(status === 'completed' ? 'Inactive' : 'Active');
      void this.#deployment.checkDrift();
    });
  }

  #excuse(what: string, status: number | undefined): void {
    if (!EXCUSED.includes(status)) {
      this.#environment.violate('what was promised was done', `${what} answered ${status}`);
    }
  }
}
