import type { Clock, Log } from '../activation/ports.ts';
import { SecretsUnavailable } from './errors.ts';
import type { WebhookSource } from './source.ts';

/** The port behind which Secrets Manager is: what is stored now. Rejects when it cannot be read. */
export type ReadSecrets = (secretId: string) => Promise<readonly string[]>;

export interface SourceSecrets {
  /** Those that are known, and an error if any of the source's is not. Never rejects. */
  of(source: WebhookSource): Promise<KnownSecrets>;
  /** The same after another reading, unless the last one was just now: then undefined. */
  readAgain(source: WebhookSource): Promise<KnownSecrets | undefined>;
}

type KnownSecrets = { secrets: readonly string[]; unavailable: SecretsUnavailable | undefined };

/** A secret that was removed is good for no longer than this. */
const KEPT_FOR_MS = 300_000;
/** Anyone can send what no known secret fits: that must not become a stream of calls to where the secrets are. */
const READ_AGAIN_AFTER_MS = 60_000;
const RETRY_AFTER_MS = 10_000;

type StoredSecret = {
  secrets: readonly string[] | undefined;
  askedAt: number;
  reading: Promise<void> | undefined;
};

/**
 * Stored secrets are read when first needed and kept for five minutes, or longer while they cannot be read again. One
 * is read at most once in 10 s while that fails, and at most once a minute because a signature did not fit; while it
 * is being read, all wait for that one call.
 */
export function createSourceSecrets(deps: { read: ReadSecrets; now: Clock; log: Log }): SourceSecrets {
  const { read, now, log } = deps;
  const stored = new Map<string, StoredSecret>();

  /** For each source its own: what is a good secret for one scheme may be none for another. */
  const storedFor = (source: WebhookSource, secretId: string): StoredSecret => {
    const key = `${source.name} ${secretId}`;
    const known = stored.get(key);
    if (known) return known;
    const unread = { secrets: undefined, askedAt: Number.NEGATIVE_INFINITY, reading: undefined };
    stored.set(key, unread);
    return unread;
  };

  const fill = async (secret: StoredSecret, source: WebhookSource, secretId: string) => {
    try {
      const secrets = await read(secretId);
      const problems = secrets.flatMap((text) => source.scheme.problemOf(text) ?? []);
      if (problems.length > 0) throw new Error(`a secret ${problems[0]}`);
      secret.secrets = secrets;
    } catch (error) {
      log.error('a webhook secret is not usable', { source: source.name, secretId, error });
    }
  };

  /** Reads those asked for so long ago, waits for those that are being read, and says whether there were any. */
  const refresh = async (source: WebhookSource, leastAgeMs: (secret: StoredSecret) => number) => {
    const readings = source.secrets.flatMap((configured) => {
      if (typeof configured === 'string') return [];
      const secret = storedFor(source, configured.secretId);
      if (!secret.reading && now() - secret.askedAt >= leastAgeMs(secret)) {
        secret.askedAt = now();
        secret.reading = fill(secret, source, configured.secretId).finally(() => {
          secret.reading = undefined;
        });
      }
      return secret.reading ?? [];
    });
    await Promise.all(readings);
    return readings.length > 0;
  };

  const known = (source: WebhookSource): KnownSecrets => {
    const lists = source.secrets.map((configured) =>
      typeof configured === 'string' ? [configured] : storedFor(source, configured.secretId).secrets,
    );
    const unavailable = lists.includes(undefined) ? new SecretsUnavailable(RETRY_AFTER_MS) : undefined;
    return { secrets: lists.flatMap((list) => list ?? []), unavailable };
  };

  return {
    async of(source) {
      await refresh(source, ({ secrets }) => (secrets ? KEPT_FOR_MS : RETRY_AFTER_MS));
      return known(source);
    },
    async readAgain(source) {
      const wasRead = await refresh(source, ({ secrets }) =>
        secrets ? READ_AGAIN_AFTER_MS : RETRY_AFTER_MS,
      );
      return wasRead ? known(source) : undefined;
    },
  };
}
