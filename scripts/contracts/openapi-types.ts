import { registerHooks } from 'node:module';

/** openapi-typescript prints with the compiler's API, which TypeScript 7 does not have yet. This is the one of 6. */
const COMPILER_API = new URL('compiler-api.ts', import.meta.url).href;

/** Returns the TypeScript types of an OpenAPI document, in the form that openapi-fetch takes. */
export async function openApiTypes(document: object): Promise<string> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'typescript' ? { url: COMPILER_API, shortCircuit: true } : next(specifier, context),
  });
  try {
    const { astToString, default: typesOf } = await import('openapi-typescript');
    return astToString(await typesOf(JSON.stringify(document), { silent: true }));
  } finally {
    hooks.deregister();
  }
}
