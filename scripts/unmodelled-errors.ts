import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const REGISTRATION = /^n0_registry\.registerError\(.*\);$/gm;

/**
 * Leaves out the 140 classes of errors of the client of Parameter Store, of which one action is used: 70 kB less. An
 * error of the service is then a SSMServiceException with the same name and message. If the client's file changes its
 * form, the bundles grow and exceed their budgets.
 */
export const unmodelledErrors: Plugin = {
  name: 'unmodelled-errors',
  setup(build) {
    build.onLoad({ filter: /\/client-ssm\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(REGISTRATION, ''),
    }));
  },
};
