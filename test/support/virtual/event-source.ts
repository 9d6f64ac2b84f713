import type { ContainerPool } from './container-pool.ts';
import type { Message, SimulatedQueue } from './simulated-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

export type EventSource = { batchSize: number; batchingWindowMs: number; maximumConcurrency: number };

/** Invokes a function with the messages of a queue, so many times at once; those not given back are deleted. */
export function connect(
  queue: SimulatedQueue,
  pool: Pick<ContainerPool<Message[], string[]>, 'invoke'>,
  { batchSize, batchingWindowMs, maximumConcurrency }: EventSource,
  time: VirtualTime,
): void {
  let running = 0;
  const deliver = async (): Promise<void> => {
    if (running >= maximumConcurrency) return;
    const messages = queue.receive(batchSize);
    if (messages.length === 0) return;
    running += 1;
    const kept = await pool.invoke(messages);
    running -= 1;
    const ids = messages.map(({ messageId }) => messageId);
    if (kept) queue.delete(ids.filter((id) => !kept.includes(id)));
    await deliver();
  };
  let isWaiting = false;
  queue.onVisible = () => {
    if (batchingWindowMs === 0 || queue.visibleCount >= batchSize) void deliver();
    if (batchingWindowMs === 0 || isWaiting) return;
    isWaiting = true;
    time.after(batchingWindowMs, () => {
      isWaiting = false;
      void deliver();
    });
  };
}
