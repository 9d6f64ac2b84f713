import type { Log } from '../../activation/model/ports.ts';
import { SecretsUnavailable } from './errors.ts';
import { scopeOf, type WebhookSource } from './source.ts';

/**
 * Reads the secrets that are stored under an id, at most `maxAgeMs` old, or older if they cannot be read again now.
 * Rejects if there are none; for the next ten seconds it rejects at once.
 */
export type ReadSecrets = (secretId: string, maxAgeMs?: number) => Promise<readonly string[]>;

export interface SourceSecrets {
  /** Returns the known secrets, and an error if a secret of the source is not known. Never rejects. */
  of(source: WebhookSource): Promise<KnownSecrets>;
  /** Like `of`, but reads the secrets again if they are more than a minute old. */
  readAgain(source: WebhookSource): Promise<KnownSecrets>;
}

export type KnownSecrets = { secrets: readonly string[]; unavailable: SecretsUnavailable | undefined };

/** Anyone can send requests that no known secret fits. They must not cause a call to Secrets Manager each. */
const READ_AGAIN_AFTER_MS = 60_000;
const RETRY_AFTER_MS = 10_000;

/** The secrets of a source, configured or stored. A secret that is valid for one scheme may be invalid for another. */
export function createSourceSecrets({ read, log }: { read: ReadSecrets; log: Log }): SourceSecrets {
  /** The last unusable list, by source and secret, so that each is logged once. */
  const unusable = new Map<string, readonly string[]>();

  const isUsable = (source: WebhookSource, secretId: string, secrets: readonly string[]): boolean => {
    const [problem] = secrets.flatMap((text) => source.scheme.problemOf(text) ?? []);
    if (problem === undefined) return true;
    const key = `${source.name} ${secretId}`;
    if (unusable.get(key) !== secrets) {
      log.error('a webhook secret is not usable', { source: scopeOf(source), secretId, cause: problem });
    }
    unusable.set(key, secrets);
    return false;
  };

  const stored = async (source: WebhookSource, secretId: string, maxAgeMs?: number) => {
    try {
      const secrets = await read(secretId, maxAgeMs);
      return isUsable(source, secretId, secrets) ? secrets : undefined;
    } catch {
      // The reader has logged the reason.
      return undefined;
    }
  };

  const known = async (source: WebhookSource, maxAgeMs?: number): Promise<KnownSecrets> => {
    const lists = await Promise.all(
      source.secrets.map((secret) =>
        typeof secret === 'string' ? [secret] : stored(source, secret.secretId, maxAgeMs),
      ),
    );
    const unavailable = lists.includes(undefined) ? new SecretsUnavailable(RETRY_AFTER_MS) : undefined;
    return { secrets: lists.flatMap((list) => list ?? []), unavailable };
  };

  return {
    of: (source) => known(source),
    readAgain: (source) => known(source, READ_AGAIN_AFTER_MS),
  };
}
