import type { KeyObject } from 'node:crypto';
import type { Clock } from '../activation/ports.ts';
import { parseSecret } from './sign.ts';

/** A secret itself, or where it is kept. */
export type SecretSource = string | { secretId: string };

/** Answers the secrets kept there; rejects when they cannot be read. `refresh`: not from memory. */
export type ReadSecrets = (secretId: string, refresh: boolean) => Promise<readonly string[]>;

/** A secret that was added or replaced is in use after this at the latest. */
const REFRESH_AFTER_MS = 300_000;

/**
 * One endpoint's signing keys, in the order of the configuration. Kept secrets are read again every five minutes;
 * when that fails, those read before are used on. Rejects when they were never read, or are not Standard Webhooks'.
 */
export function createSigningKeys(
  sources: readonly SecretSource[],
  { readSecrets, now }: { readSecrets: ReadSecrets; now: Clock },
): () => Promise<readonly KeyObject[]> {
  const keysOf = async (source: SecretSource, refresh: boolean) => {
    const secrets = typeof source === 'string' ? [source] : await readSecrets(source.secretId, refresh);
    return secrets.map(parseSecret);
  };
  const isStatic = sources.every((source) => typeof source === 'string');
  let known: { keys: readonly KeyObject[]; readAt: number } | undefined;

  return async () => {
    if (known && (isStatic || now() - known.readAt < REFRESH_AFTER_MS)) return known.keys;
    const refresh = known !== undefined;
    try {
      const keys = await Promise.all(sources.map((source) => keysOf(source, refresh)));
      known = { keys: keys.flat(), readAt: now() };
    } catch (error) {
      if (!known) throw error;
      known = { ...known, readAt: now() };
    }
    return known.keys;
  };
}
