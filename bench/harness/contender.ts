import { type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

const Outcome = v.union([v.object({ result: v.unknown() }), v.object({ failure: v.string() })]);

/**
 * Runs one contender of a comparison in a new process, so that nothing is warmed up. The module calls `asContender`. Its
 * output is dropped. Throws what it failed with.
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
  const messaged = once(child, 'message');
  child.send({ config });
  const [message] = await Promise.race([messaged, exited]);
  await exited;
  const outcome = v.safeParse(Outcome, message);
  if (!outcome.success) throw new Error(`${module.pathname} ended without a result: ${complaints.trim()}`);
  if ('failure' in outcome.output) throw new Error(`${module.pathname}: ${outcome.output.failure}`);
  return v.parse(schema, outcome.output.result);
}

/** The other end of `runContender`: receives the configuration, sends the result, and ends the process. */
export function asContender<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (config: v.InferOutput<Schema>) => Promise<unknown>,
): void {
  process.once('message', async (message) => {
    let outcome: v.InferOutput<typeof Outcome>;
    try {
      const { config } = v.parse(v.object({ config: v.unknown() }), message);
      outcome = { result: await run(v.parse(schema, config)) };
    } catch (error) {
      outcome = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    // Sockets that are kept alive must not keep the process.
    process.send?.(outcome, () => process.exit(0));
  });
}
