import type { Plugin } from 'esbuild';

/**
 * Bundles Node's own HMAC in place of `fast-sha256`, of which `standardwebhooks` uses `hmac` alone: 6 kB less. Should
 * it come to use more of that package, the bundle's test fails.
 */
export const nativeSha256: Plugin = {
  name: 'native-sha256',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/fast-sha256\/sha256\.js$/ }, () => ({
      contents: `exports.hmac = (key, data) => require('node:crypto').createHmac('sha256', key).update(data).digest();`,
    }));
  },
};
