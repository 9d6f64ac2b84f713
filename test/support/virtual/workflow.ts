import { ContainerPool, type Host } from './container-pool.ts';
import { deployedMapping } from './deployed.ts';
import { connect, type EventSource } from './event-source.ts';
import { DEPLOYED_AS } from './functions.ts';
import { POLL_QUEUE } from './queues.ts';
import type { Message } from './simulated-queue.ts';
import type { SimulatedSqs } from './simulated-sqs.ts';

/**
 * The functions that end what is open: what is to be behind a queue is connected here. The caller invokes the poller
 * without messages, as its schedule does. `otherwise`: in what the workers' event source is not as deployed.
 */
export function deployWorkflow(host: Host, sqs: SimulatedSqs, otherwise: Partial<EventSource> = {}) {
  const worker = new ContainerPool<Message[], string[]>(host, {
    name: 'worker',
    build: (functions) => functions.worker(),
  });
  const poller = new ContainerPool<Message[] | undefined, string[]>(host, {
    name: 'poller',
    build(functions) {
      const poll = functions.poller();
      // 0.3.0 returns nothing, which gives no message back.
      return async (messages, remainingMs) => (await poll(messages, remainingMs)) ?? [];
    },
  });
  connect(sqs.work, worker, { ...deployedMapping(DEPLOYED_AS.worker), ...otherwise }, host.time);
  connect(sqs.queue(POLL_QUEUE), poller, deployedMapping(DEPLOYED_AS.poller), host.time);
  return { worker, poller };
}
