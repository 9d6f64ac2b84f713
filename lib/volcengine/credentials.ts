import type { CallFailure } from '../activation/model/outcome.ts';
import { NoCredentials } from './no-credentials.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** `refresh: true`: Volcengine refused the credentials `refused`. Cached ones must be read again, unless they are newer. */
export type CredentialsProvider = (
  account: string,
  options?: { refresh: boolean; refused?: Credentials },
) => Promise<Credentials>;

type CredentialsSource = {
  /** Never rejects: credentials that cannot be read, or cannot be sent in a header, are a `hold`. */
  get(account: string): Promise<Credentials | CallFailure>;
  /** Marks credentials as refused: the next `get` for this account asks the provider for new ones. */
  suspect(account: string, refused: Credentials): void;
};

export function createCredentialsSource(provider: CredentialsProvider): CredentialsSource {
  const suspected = new Map<string, Credentials>();
  return {
    async get(account) {
      const refused = suspected.get(account);
      try {
        const credentials = await (refused
          ? provider(account, { refresh: true, refused })
          : provider(account));
        if (!isUsable(credentials)) return unavailable(account, 'they are empty or malformed');
        suspected.delete(account);
        const { accessKeyId, secretAccessKey, sessionToken } = credentials;
        return { accessKeyId, secretAccessKey, sessionToken };
      } catch (error) {
        return unavailable(account, reasonOf(error));
      }
    },
    suspect(account, refused) {
      suspected.set(account, refused);
    },
  };
}

/** Checks the types at run time: the provider may have parsed a secret without checking it. */
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

/** Returns the reason. Of an error that is not ours it is the name: its message may quote the secret. */
export function reasonOf(error: unknown): string {
  if (error instanceof NoCredentials) return error.message;
  const name = error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'unknown error';
  return `the provider failed (${name})`;
}
