import type { CallFailure } from '../activation/outcome.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** `refresh: true` after the credentials last given were refused: anything cached must be read again. */
export type CredentialsProvider = (account: string, options?: { refresh: boolean }) => Promise<Credentials>;

type CredentialsSource = {
  /** Never rejects: credentials that cannot be had, or cannot be sent in a header, are a `hold`. */
  get(account: string): Promise<Credentials | CallFailure>;
  /** The next `get` for this account asks the provider for fresh ones. */
  suspect(account: string): void;
};

export function createCredentialsSource(provider: CredentialsProvider): CredentialsSource {
  const suspected = new Set<string>();
  return {
    async get(account) {
      try {
        const credentials = await (suspected.has(account)
          ? provider(account, { refresh: true })
          : provider(account));
        if (!isUsable(credentials)) return unavailable(account, 'they are empty or malformed');
        suspected.delete(account);
        const { accessKeyId, secretAccessKey, sessionToken } = credentials;
        return { accessKeyId, secretAccessKey, sessionToken };
      } catch (error) {
        return unavailable(account, `the provider failed (${nameOf(error)})`);
      }
    },
    suspect(account) {
      suspected.add(account);
    },
  };
}

/** The provider may have parsed a secret by hand, so its promise about types is not trusted. */
function isUsable({ accessKeyId, secretAccessKey, sessionToken }: Credentials): boolean {
  return (
    isHeaderText(accessKeyId) &&
    typeof secretAccessKey === 'string' &&
    secretAccessKey !== '' &&
    (!sessionToken || isHeaderText(sessionToken))
  );
}

function isHeaderText(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function unavailable(account: string, why: string): CallFailure {
  const message = `No credentials for account "${account.slice(0, 64)}": ${why}`;
  return { kind: 'hold', error: { code: 'CredentialsUnavailable', message }, unsent: true };
}

/** Only the error's class: its message may quote the secret that could not be read. */
function nameOf(error: unknown): string {
  return error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'unknown error';
}
