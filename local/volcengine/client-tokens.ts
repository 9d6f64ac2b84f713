import * as v from 'valibot';

export const TokenRecordSchema = v.strictObject({
  account: v.string(),
  region: v.string(),
  clientToken: v.string(),
  /** The parameters that the token was first used with. */
  fingerprint: v.string(),
  /** The id of the call that took effect. Every replay returns it. */
  requestId: v.string(),
});

export type TokenRecord = v.InferOutput<typeof TokenRecordSchema>;

/** Remembers only calls that succeeded: a refused call leaves its token unused. */
export class ClientTokens {
  readonly #done = new Map<string, TokenRecord>();
  readonly #inProcess = new Map<string, string>();

  find(scope: TokenScope): TokenRecord | undefined {
    return this.#done.get(keyOf(scope));
  }

  /** The fingerprint of the call that is being processed under this token. */
  inProcess(scope: TokenScope): string | undefined {
    return this.#inProcess.get(keyOf(scope));
  }

  begin(scope: TokenScope, fingerprint: string): void {
    this.#inProcess.set(keyOf(scope), fingerprint);
  }

  end(scope: TokenScope): void {
    this.#inProcess.delete(keyOf(scope));
  }

  remember(record: TokenRecord): void {
    this.#done.set(keyOf(record), record);
  }

  /** Forgets all tokens, or those named, in every account and region. Returns how many. */
  forget(clientTokens?: string[]): number {
    const before = this.#done.size;
    for (const [key, record] of this.#done) {
      if (clientTokens === undefined || clientTokens.includes(record.clientToken)) this.#done.delete(key);
    }
    return before - this.#done.size;
  }

  list(): TokenRecord[] {
    return [...this.#done.values()];
  }
}

export type TokenScope = Pick<TokenRecord, 'account' | 'region' | 'clientToken'>;

function keyOf({ account, region, clientToken }: TokenScope): string {
  return `${account} ${region} ${clientToken}`;
}
