import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as v from 'valibot';

const CLI = new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url).pathname;

const reportSchema = v.object({
  totals: v.object({ errors: v.number(), warnings: v.number(), ignored: v.number() }),
  problems: v.array(v.object({ ruleId: v.string(), message: v.string() })),
});

/** What `redocly lint` says of a file by its recommended rules. Nothing is asked of the network. */
export async function lintOpenApi(path: string): Promise<v.InferOutput<typeof reportSchema>> {
  const args = [CLI, 'lint', path, '--extends=recommended', '--format=json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error: unknown) => {
    // It exits 1 for problems, and says which.
    return v.parse(v.looseObject({ stdout: v.string() }), error);
  });
  return v.parse(reportSchema, JSON.parse(stdout));
}
