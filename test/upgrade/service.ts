import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as v from 'valibot';

const line = v.looseObject({ message: v.optional(v.string(), ''), level: v.optional(v.string(), 'INFO') });
type LogLine = v.InferOutput<typeof line>;

const started = v.looseObject({
  apiUrl: v.string(),
  queues: v.object({
    activation: v.string(),
    deadLetter: v.string(),
    poison: v.string(),
    events: v.string(),
  }),
  otherQueues: v.record(v.string(), v.string()),
  bus: v.string(),
});
type Started = v.InferOutput<typeof started>;

export type Service = Started & {
  logs: LogLine[];
  /** SIGKILL for all of its processes. Resolves when they are gone. */
  kill(): Promise<void>;
};

/**
 * Runs `npm start` of the version that is in the directory, without npm, with these variables and no other. Throws with
 * what it said when it ends instead.
 */
export async function startService(directory: string, variables: Record<string, string>): Promise<Service> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['local/start.ts'], {
    cwd: directory,
    env: { PATH, HOME, PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group, which can be killed as one.
    detached: true,
  });
  const kill = async (): Promise<void> => {
    const gone = once(child.stdout, 'close');
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {}
    if (!child.stdout.closed) await gone;
  };
  const logs: LogLine[] = [];
  const ready = new Promise<Started>((resolve, reject) => {
    const read = (text: string) => {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), line), text);
      const said = parsed.success ? parsed.output : { message: text, level: 'ERROR' };
      logs.push(said);
      if (said.message === 'Started') resolve(v.parse(started, said));
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('close', () =>
      reject(new Error(`it did not start: ${logs.map(({ message }) => message).join('\n')}`)),
    );
  });
  return { ...(await ready), logs, kill };
}
