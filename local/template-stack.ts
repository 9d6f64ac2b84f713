import { compileTemplate } from '../scripts/compile-template.ts';
import { PROJECT_DIR } from '../scripts/osls.ts';
import { buildIfChanged } from './build-if-changed.ts';
import type { Template } from './template/template.ts';

/** What is run: the compiled template, and the directory that its handlers are in. */
export type TemplateStack = { template: Template; codeDir: string };

/**
 * The project's own functions, built and compiled as for a deployment; both are kept while nothing changes. With
 * them, where a directory is given, those of its serverless.yml.
 */
export async function projectStack(extraStackDir?: string): Promise<TemplateStack> {
  const [template] = await Promise.all([compileTemplate(), buildIfChanged()]);
  const stack = { template, codeDir: PROJECT_DIR };
  if (extraStackDir === undefined) return stack;
  const { addStack } = await import('./template-extras.ts');
  return addStack(stack, extraStackDir);
}
