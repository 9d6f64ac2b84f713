import type { Plugin } from 'esbuild';

/**
 * Leaves out the parts of undici that no function can reach, a tenth of the bundle: its mocks for tests, and the HTTP
 * parser for processors without SIMD. All of Lambda's have SIMD (`undici/lib/dispatcher/client-h1.js` tries it first).
 * If undici moves these files, the bundles grow and exceed their budgets.
 */
export const undiciEssentials: Plugin = {
  name: 'undici-essentials',
  setup(build) {
    build.onLoad({ filter: /\/undici\/lib\/mock\/[^/]+\.js$/ }, () => ({ contents: 'module.exports = {};' }));
    build.onLoad({ filter: /\/undici\/lib\/llhttp\/llhttp-wasm\.js$/ }, () => ({
      contents: `throw new Error('This processor has no SIMD, which the bundled HTTP parser needs.');`,
    }));
  },
};
