import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidConfigurationError, templateProblems, templateWarnings } from './check-template.ts';
import { parseTemplate, type Template } from './compile-template.ts';
import { fillParameters } from './fill-parameters.ts';
import { PROJECT_DIR, TEMPLATE_PATH } from './osls.ts';
import { findUnreadableSecrets } from './secret-access.ts';

/**
 * Checks the package that osls has just made, and prints what may be misspelt.
 * @throws InvalidConfigurationError, after it has deleted the package, so that nobody deploys it.
 */
export async function checkPackage(): Promise<void> {
  const path = join(PROJECT_DIR, TEMPLATE_PATH);
  try {
    assertDeployable(fillParameters(parseTemplate(await readFile(path, 'utf8'))));
  } catch (error) {
    await rm(dirname(path), { recursive: true });
    throw error;
  }
}

/**
 * Prints what may be misspelt in a template whose parameters are filled in.
 * @throws InvalidConfigurationError that names everything that is wrong in it.
 */
export function assertDeployable(template: Template): void {
  const problems = [...templateProblems(template), ...findUnreadableSecrets(template)];
  if (problems.length > 0) throw new InvalidConfigurationError(problems);
  for (const warning of templateWarnings(template)) console.warn(`Warning: ${warning}`);
}
