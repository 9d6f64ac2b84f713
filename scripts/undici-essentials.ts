import type { Plugin } from 'esbuild';

/**
 * Leaves out what no function can reach in undici, a tenth of the bundle: its mocks for tests, and the HTTP parser
 * for processors without SIMD, which all of Lambda's have (`undici/lib/dispatcher/client-h1.js` tries SIMD first).
 * Should undici move these files, the bundles grow and their budgets tell.
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
