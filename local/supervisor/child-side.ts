import * as v from 'valibot';
import type { LogSink } from '../logs/log-record.ts';
import { type ChildMessage, ParentMessage } from './messages.ts';

export type Service = { ready: unknown; stop(): Promise<void> };

/**
 * A process whose supervisor was killed ends within half of this time. The processes of the next start wait this long for
 * the lock.
 */
export const ORPHAN_END_MS = 5000;

/**
 * Runs a service as a process of the supervisor: starts it with the configuration that comes first, and ends with
 * it when told to, on SIGTERM, or when the supervisor is gone. Ctrl-C and a closed terminal are the
 * supervisor's: every process receives them at once.
 */
export function runAsChild<TSchema extends v.GenericSchema>(
  schema: TSchema,
  start: (config: v.InferOutput<TSchema>, log: LogSink) => Promise<Service>,
): void {
  let service: Promise<Service> | undefined;
  let stopping = false;

  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await service?.then((started) => started.stop()).catch(() => {});
    await say({ type: 'stopped' });
    process.exit(0);
  };

  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', stop);
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), ORPHAN_END_MS / 2);
    void stop();
  });
  process.on('message', (message) => {
    const parsed = v.parse(ParentMessage, message);
    if (parsed.type === 'stop') return void stop();
    service = start(v.parse(schema, parsed.config), (record) => void say({ type: 'log', record }));
    service.then(
      ({ ready }) => say({ type: 'ready', ready }),
      async (error: unknown) => {
        await say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
        process.exit(1);
      },
    );
  });
}

/** Resolves when the message was sent. Ignores a supervisor that has ended. */
async function say(message: ChildMessage): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}
