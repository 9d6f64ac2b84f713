import type { ContainerPool } from './container-pool.ts';
import type { Message, SimulatedSqs } from './simulated-sqs.ts';

/** Invokes a function with the messages of a queue, so many times at once; those not given back are deleted. */
export function connect(
  queue: SimulatedSqs,
  pool: ContainerPool<Message[], string[]>,
  maximumConcurrency: number,
): void {
  let running = 0;
  const deliver = async (): Promise<void> => {
    if (running >= maximumConcurrency) return;
    const messages = queue.receive();
    if (messages.length === 0) return;
    running += 1;
    const kept = await pool.invoke(messages);
    running -= 1;
    for (const { messageId } of messages) {
      if (kept && !kept.includes(messageId)) queue.delete(messageId);
    }
    await deliver();
  };
  queue.onVisible = () => void deliver();
}
