import { fileURLToPath } from 'node:url';

/** Where Node keeps what it has compiled: a start takes half the time with it. */
export const COMPILE_CACHE_DIR = fileURLToPath(
  new URL('../node_modules/.cache/flow-log-activator/node', import.meta.url),
);
