import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { refuse } from '../clients/terminal/command-line.ts';
import { pairs, text } from '../clients/terminal/program.ts';
import { formerSettingProblems } from './former-settings.ts';
import { PROJECT_DIR } from './osls.ts';
import { SETTINGS, settingProblems } from './settings.ts';

/** A setting may have several kinds of values in a file. */
const File = v.record(
  v.string(),
  v.union([v.string(), v.number(), v.boolean(), v.record(v.string(), v.unknown())]),
);

export const settingOptions = {
  param: pairs({ help: 'a setting, such as ratePerSecond=10; docs/reference/configuration.md has all' }),
  params: text({
    help: 'a JSON file of settings by name; --param is stronger',
    value: 'path',
    fallback: undefined,
  }),
};

/** Names everything that is wrong in what was given. */
export class InvalidParametersError extends Error {
  override name = 'InvalidParametersError';
  readonly sentences: string[];
  constructor(sentences: string[]) {
    super(sentences.join('\n'));
    this.sentences = sentences;
  }
}

type GivenOptions = { param: Record<string, string> | undefined; params: string | undefined };

/** Returns the settings that were given. Prints what is wrong with them and exits with 2. */
export async function settingsOf(program: { command: string }, given: GivenOptions) {
  return readSettingOptions(given).catch((error: unknown) => {
    if (error instanceof InvalidParametersError) return refuse(program, ...error.sentences);
    throw error;
  });
}

/**
 * Returns the settings that were given, by name, as text.
 * @throws InvalidParametersError for a name that is no setting, a value that its setting does not take, and a file that
 *   cannot be read. The defaults are checked, too, and what is left of settings in serverless.yml.
 */
export async function readSettingOptions(options: GivenOptions): Promise<Record<string, string>> {
  const given = { ...(options.params !== undefined && (await readFileOf(options.params))), ...options.param };
  const defaults = Object.entries(SETTINGS).map(([name, setting]) => [name, String(setting.default)]);
  const problems = [
    ...settingProblems({ ...Object.fromEntries(defaults), ...given }),
    ...formerSettingProblems(await readFile(join(PROJECT_DIR, 'serverless.yml'), 'utf8')),
  ];
  if (problems.length > 0) throw new InvalidParametersError(problems);
  return given;
}

/** The same settings as arguments of osls. */
export function parameterArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
}

/** For valibot a list is a record, too. */
function isMapping(value: unknown): boolean {
  return !Array.isArray(value);
}

async function readFileOf(path: string): Promise<Record<string, string>> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new InvalidParametersError([`--params: ${path} cannot be read.`]);
  });
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), v.check(isMapping), File), content);
  if (!read.success) {
    throw new InvalidParametersError([`--params: ${path} must be JSON, an object of settings by name.`]);
  }
  return Object.fromEntries(
    Object.entries(read.output).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
}
