import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { buildFunctions } from '../scripts/build.ts';
import { buildEvents } from '../scripts/build-package.ts';
import { compileTemplate } from '../scripts/compile-template.ts';
import type { Resource, Template } from './template/template.ts';
import type { TemplateStack } from './template-stack.ts';

/** Resources that osls adds to every stack. The local environment does not need them. */
const OF_EVERY_STACK = new Set(['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy']);

const FunctionProperties = v.looseObject({ Handler: v.string() });

export class TemplateExtrasError extends Error {
  override name = 'TemplateExtrasError';
}

/**
 * The stack with another one in it, of a directory with a serverless.yml and its functions in functions/. They find
 * the service's bus by its name, as deployed. The package that subscribers import is built, too.
 * @throws TemplateExtrasError when both have a resource of the same name.
 */
export async function addStack(stack: TemplateStack, directory: string): Promise<TemplateStack> {
  const functionsDir = join(directory, 'functions');
  const [extra] = await Promise.all([compileTemplate({ directory }), buildEvents()]);
  if (existsSync(functionsDir)) await buildFunctions({ functionsDir, outDir: join(directory, 'dist') });
  const template = mergeTemplates(stack.template, extra, relative(stack.codeDir, directory));
  return { ...stack, template };
}

/** Both templates' resources. The code of the second one's functions is in `codePath`, relative to the first one's. */
export function mergeTemplates(template: Template, extra: Template, codePath: string): Template {
  const added = Object.entries(extra.Resources).filter(([logicalId]) => !OF_EVERY_STACK.has(logicalId));
  const taken = added.map(([logicalId]) => logicalId).filter((id) => Object.hasOwn(template.Resources, id));
  if (taken.length > 0)
    throw new TemplateExtrasError(`EXTRA_STACK: the service has ${taken.join(', ')}, too.`);
  const moved = added.map(([logicalId, resource]) => [logicalId, moveCode(resource, codePath)] as const);
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(moved) } };
}

function moveCode(resource: Resource, codePath: string): Resource {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const { Handler } = v.parse(FunctionProperties, resource.Properties);
  return { ...resource, Properties: { ...resource.Properties, Handler: join(codePath, Handler) } };
}
