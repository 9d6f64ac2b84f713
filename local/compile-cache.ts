import { fileURLToPath } from 'node:url';

/** The directory of Node's compile cache. It halves the time of a start. */
export const COMPILE_CACHE_DIR = fileURLToPath(
  new URL('../node_modules/.cache/flow-log-activator/node', import.meta.url),
);
