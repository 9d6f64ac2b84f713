import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

const DEFAULT_CHAIN = '@aws-sdk/credential-provider-node';

/**
 * Bundles the SDK's environment provider in place of its default chain. Lambda gives a role's credentials in the
 * environment, and so can anyone on a laptop. The rest (profiles, SSO, instance metadata, web identity) takes 140 kB
 * and would run only if the environment had no credentials.
 */
export const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(build) {
    build.onResolve(
      { filter: new RegExp(`^${DEFAULT_CHAIN}$`) },
      async ({ importer, resolveDir, kind, pluginData }) => {
        if (pluginData === DEFAULT_CHAIN) return;
        const chain = await build.resolve(DEFAULT_CHAIN, {
          importer,
          resolveDir,
          kind,
          pluginData: DEFAULT_CHAIN,
        });
        if (chain.errors.length > 0) return { errors: chain.errors };
        return { path: chain.path, namespace: 'environment-credentials', sideEffects: false };
      },
    );
    // Resolved from the chain's own directory, because the chain depends on the environment provider.
    build.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
      resolveDir: dirname(path),
    }));
  },
};
