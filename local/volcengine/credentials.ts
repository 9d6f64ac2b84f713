import * as v from 'valibot';
import { InvalidInput } from './validation.ts';

/** All messages are our own: valibot's messages quote the refused value, which may be a key. */
const keyRule = 'must be 1 to 4096 visible ASCII characters without / and ,';
const secretRule = 'must be text, and not empty';
const secret = v.pipe(v.string(secretRule), v.minLength(1, secretRule));

/** An account's name in this fake. */
export const AccountNameSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));

export const AccountCredentialSchema = v.strictObject({
  /** Several credentials may belong to one account. */
  account: AccountNameSchema,
  /** Shown as `AccountId` by DescribeFlowLogs. */
  accountId: v.optional(v.pipe(v.string(), v.regex(/^\d{1,20}$/)), '2100000000'),
  accessKey: v.pipe(v.string(keyRule), v.regex(/^(?:(?![/,])[\x21-\x7e]){1,4096}$/, keyRule)),
  secretKey: secret,
  /** If given, the credential is temporary. It is refused without this token in X-Security-Token. */
  sessionToken: v.optional(secret),
});

export type AccountCredentialInput = v.InferInput<typeof AccountCredentialSchema>;
export type AccountCredential = v.InferOutput<typeof AccountCredentialSchema>;

/** The credentials that are accepted now. The first account is the default. */
export class Credentials {
  readonly #initial: AccountCredential[];
  #byAccessKey: Map<string, AccountCredential>;

  constructor(initial: AccountCredential[]) {
    this.#initial = initial;
    this.#byAccessKey = index(initial);
  }

  get defaultAccount(): string {
    return this.#initial[0]?.account ?? 'default';
  }

  get accounts(): string[] {
    return [...new Set(this.#initial.map((credential) => credential.account))];
  }

  /** Returns the first account with this id. */
  accountOf(accountId: string): string | undefined {
    return this.#initial.find((credential) => credential.accountId === accountId)?.account;
  }

  list(): AccountCredential[] {
    return [...this.#byAccessKey.values()];
  }

  find(accessKey: string): AccountCredential | undefined {
    return this.#byAccessKey.get(accessKey);
  }

  /**
   * From now on, every account in `accepted` has only the credentials that are listed for it. Throws InvalidInput for
   * an access key that is given twice, and names its account.
   */
  rotate(accepted: AccountCredential[]): void {
    const rotated = new Set(accepted.map((credential) => credential.account));
    const kept = this.list().filter((credential) => !rotated.has(credential.account));
    this.#byAccessKey = index([...kept, ...accepted]);
  }

  reset(): void {
    this.#byAccessKey = index(this.#initial);
  }
}

function index(credentials: AccountCredential[]): Map<string, AccountCredential> {
  const byAccessKey = new Map<string, AccountCredential>();
  for (const credential of credentials) {
    if (byAccessKey.has(credential.accessKey)) {
      throw new InvalidInput(
        `credentials: the account ${credential.account} has an accessKey that is given twice`,
      );
    }
    byAccessKey.set(credential.accessKey, credential);
  }
  return byAccessKey;
}
