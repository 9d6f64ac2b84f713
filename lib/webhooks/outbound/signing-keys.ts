import type { KeyObject } from 'node:crypto';
import { parseSecret } from './sign.ts';

/** A secret, or the id under which it is stored. */
export type SecretSource = string | { secretId: string };

/** Returns the keys that are stored under the id. Rejects if they cannot be read. */
export type ReadKeys = (secretId: string) => Promise<readonly KeyObject[]>;

/**
 * Returns a function that reads the signing keys of an endpoint, in the order of the configuration. The function rejects
 * if a key cannot be read. Throws InvalidWebhookSecret.
 */
export function createSigningKeys(
  sources: readonly SecretSource[],
  readKeys: ReadKeys,
): () => Promise<readonly KeyObject[]> {
  const readers = sources.map((source) => {
    if (typeof source !== 'string') return () => readKeys(source.secretId);
    const keys = [parseSecret(source)];
    return async () => keys;
  });
  return async () => (await Promise.all(readers.map((read) => read()))).flat();
}
