import { type Activation, isOpen } from '../../lib/activation/model/activation.ts';
import { redriveHelps } from '../../lib/activation/model/outbox-events.ts';
import type { Caller } from '../support/virtual/container.ts';
import type { Adversary } from './adversary.ts';
import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import type { Redrivers } from './redrivers.ts';

/**
 * The worst moment for a redrive: a poller reads a batch in parts, has read one that failed, and the last open one,
 * which is in the part to come, ends before that is read. At no moment was all of the batch final.
 */
export class WhileRead {
  readonly #environment: Environment;
  readonly #deployment: Deployment;
  readonly #redrivers: Redrivers;
  readonly #adversary: Adversary;

  constructor(environment: Environment, deployment: Deployment, redrivers: Redrivers, adversary: Adversary) {
    this.#environment = environment;
    this.#deployment = deployment;
    this.#redrivers = redrivers;
    this.#adversary = adversary;
    environment.dynamodb.leavesFor = (keys, reader) => this.#leavesFor(keys, reader);
  }

  #leavesFor(keys: string[], { name }: Caller): string | undefined {
    const { random, watch } = this.#environment;
    if (!name.startsWith('poller')) return undefined;
    const read = [...watch.current.values()].filter(({ flowLogId }) =>
      keys.some((key) => key.endsWith(`#${flowLogId} 0`)),
    );
    const [last, ...others] = read.filter(isOpen);
    const failed = random.pick(read.filter(isRedrivable));
    if (last === undefined || failed === undefined || others.length > 0 || !canBeEnded(last))
      return undefined;
    void this.#moveOn(failed, last);
    return keys.find((key) => key.endsWith(`#${last.flowLogId} 0`));
  }

  async #moveOn(failed: Activation, last: Activation): Promise<void> {
    this.#environment.happened('redriven while its batch is read', failed.activationId);
    await this.#redrivers.redriveMended(failed);
    const flowLog = this.#environment.volcengine.flowLogs.get(last.flowLogId);
    if (last.status === 'queued') await this.#adversary.cancel(last.activationId);
    else if (flowLog?.status === 'Pending') flowLog.become('Active');
    if (last.status === 'pending') await this.#deployment.poll();
  }
}

function isRedrivable(activation: Activation): boolean {
  return activation.status === 'failed' && activation.outbox.length === 0 && redriveHelps(activation);
}

/** By Volcengine, or by a person. */
function canBeEnded({ status, joiners, leaseUntil }: Activation): boolean {
  return status === 'pending' || (joiners.length === 0 && leaseUntil === undefined);
}
