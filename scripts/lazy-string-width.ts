import type { Plugin } from 'esbuild';

const REAL = '?real';

/**
 * Loads `string-width` when the first text that is not ASCII is measured. Its segmenter and its tables of Unicode take a
 * third of the start of the command.
 */
export const lazyStringWidth: Plugin = {
  name: 'lazy-string-width',
  setup(build) {
    build.onResolve({ filter: /\/string-width\/index\.js\?real$/ }, ({ path }) => ({
      path: path.slice(0, -REAL.length),
      suffix: REAL,
    }));
    build.onLoad({ filter: /\/node_modules\/string-width\/index\.js$/ }, ({ path, suffix }) =>
      suffix === REAL
        ? undefined
        : {
            // A `require` is evaluated when it is called.
            contents: `
              const isAscii = /^[\\x20-\\x7e]*$/;
              export default (text) => isAscii.test(text) ? text.length : require(${JSON.stringify(path + REAL)}).default(text);`,
          },
    );
  },
};
