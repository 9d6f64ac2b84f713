import { type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

const Answer = v.union([v.object({ result: v.unknown() }), v.object({ failure: v.string() })]);

/**
 * Runs one side of a comparison in a process of its own, which nothing has warmed up or filled before. The module
 * is one that calls `asSide`. Its output is dropped. Throws what it failed with.
 */
export async function runContender<Schema extends v.GenericSchema>(
  module: URL,
  config: unknown,
  schema: Schema,
  options: Pick<ForkOptions, 'env' | 'execArgv'> = {},
): Promise<v.InferOutput<Schema>> {
  const child = fork(fileURLToPath(module), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: options.execArgv ?? [],
    env: { ...process.env, ...options.env },
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const exited = once(child, 'exit');
  const answered = once(child, 'message');
  child.send({ config });
  const [message] = await Promise.race([answered, exited]);
  await exited;
  const answer = v.safeParse(Answer, message);
  if (!answer.success) throw new Error(`${module.pathname} ended without a result: ${complaints.trim()}`);
  if ('failure' in answer.output) throw new Error(`${module.pathname}: ${answer.output.failure}`);
  return v.parse(schema, answer.output.result);
}

/** The other end of `runSide`: takes the configuration, answers the result, and ends. */
export function asSide<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (config: v.InferOutput<Schema>) => Promise<unknown>,
): void {
  process.once('message', async (message) => {
    let answer: v.InferOutput<typeof Answer>;
    try {
      const { config } = v.parse(v.object({ config: v.unknown() }), message);
      answer = { result: await run(v.parse(schema, config)) };
    } catch (error) {
      answer = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    // Sockets that are kept alive must not keep the process.
    process.send?.(answer, () => process.exit(0));
  });
}
