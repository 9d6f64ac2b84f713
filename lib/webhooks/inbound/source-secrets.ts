import type { Log } from '../../activation/model/ports.ts';
import { SecretsUnavailable } from './errors.ts';
import type { WebhookSource } from './source.ts';

/**
 * The port behind which Secrets Manager is: what is stored, read no longer ago than `maxAgeMs` where it can be reached.
 * Rejects when there is nothing, at once for ten seconds.
 */
export type ReadSecrets = (secretId: string, maxAgeMs?: number) => Promise<readonly string[]>;

export interface SourceSecrets {
  /** Those that are known, and an error if any of the source's is not. Never rejects. */
  of(source: WebhookSource): Promise<KnownSecrets>;
  /** The same, where a minute has passed since they were read: after another reading. */
  readAgain(source: WebhookSource): Promise<KnownSecrets>;
}

export type KnownSecrets = { secrets: readonly string[]; unavailable: SecretsUnavailable | undefined };

/** Anyone can send what no known secret fits: that must not become a stream of calls to where the secrets are. */
const READ_AGAIN_AFTER_MS = 60_000;
const RETRY_AFTER_MS = 10_000;

/** A source's secrets, stored ones too. What is a good secret for one scheme may be none for another. */
export function createSourceSecrets({ read, log }: { read: ReadSecrets; log: Log }): SourceSecrets {
  /** The list that was found unusable last, by source and secret: each is logged once. */
  const unusable = new Map<string, readonly string[]>();

  const isUsable = (source: WebhookSource, secretId: string, secrets: readonly string[]): boolean => {
    const [problem] = secrets.flatMap((text) => source.scheme.problemOf(text) ?? []);
    if (problem === undefined) return true;
    const key = `${source.name} ${secretId}`;
    if (unusable.get(key) !== secrets) {
      log.error('a webhook secret is not usable', { source: source.name, secretId, problem });
    }
    unusable.set(key, secrets);
    return false;
  };

  const stored = async (source: WebhookSource, secretId: string, maxAgeMs?: number) => {
    try {
      const secrets = await read(secretId, maxAgeMs);
      return isUsable(source, secretId, secrets) ? secrets : undefined;
    } catch {
      // The reader has logged why.
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
