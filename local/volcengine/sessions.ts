import { randomBytes } from 'node:crypto';
import type { AccountCredential } from './credentials.ts';

/** Temporary credentials of an assumed role. They are refused from `expiresAt` on, in milliseconds since the epoch. */
export type Session = AccountCredential & { sessionToken: string; roleTrn: string; expiresAt: number };

const KEPT_SESSIONS = 10_000;

/** In memory only: sessions end with the process. Expired sessions are kept, so that they are refused as expired. */
export class Sessions {
  readonly #byAccessKey = new Map<string, Session>();

  start(owner: Pick<Session, 'account' | 'accountId' | 'roleTrn' | 'expiresAt'>): Session {
    const session = {
      ...owner,
      accessKey: `AKTP${randomBytes(16).toString('hex')}`,
      secretKey: randomBytes(30).toString('base64'),
      sessionToken: `STS${randomBytes(90).toString('base64')}`,
    };
    const oldest = this.#byAccessKey.size < KEPT_SESSIONS ? undefined : this.#byAccessKey.keys().next().value;
    if (oldest !== undefined) this.#byAccessKey.delete(oldest);
    this.#byAccessKey.set(session.accessKey, session);
    return session;
  }

  find(accessKey: string): Session | undefined {
    return this.#byAccessKey.get(accessKey);
  }

  list(): Session[] {
    return [...this.#byAccessKey.values()];
  }

  /** Ends every session now, whatever its lifetime. */
  expire(): void {
    for (const session of this.#byAccessKey.values()) session.expiresAt = Number.NEGATIVE_INFINITY;
  }

  clear(): void {
    this.#byAccessKey.clear();
  }
}
