import type { KeyObject } from 'node:crypto';
import { parseSecret } from './sign.ts';

/** A secret itself, or where it is kept. */
export type SecretSource = string | { secretId: string };

/** Answers the keys kept there; rejects when they cannot be had. */
export type ReadKeys = (secretId: string) => Promise<readonly KeyObject[]>;

/**
 * One endpoint's signing keys, in the order of the configuration. Rejects when one cannot be had.
 * Throws InvalidWebhookSecret.
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
