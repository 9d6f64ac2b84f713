import type { Log } from '../../../lib/activation/model/ports.ts';
import {
  type AccountQuotaOptions,
  createAccountQuota,
  type QuotaReader,
  type QuotaStore,
} from '../../../lib/activation/quota/account-quota.ts';
import { FRESH, type QuotaState } from '../../../lib/activation/quota/quota-state.ts';
import { RecordingLog } from './ports.ts';

/** The port in a Map. Proven by the store's shared suite. */
export class InMemoryQuotaStore implements QuotaStore, QuotaReader {
  readonly quotas = new Map<string, { state: QuotaState; revision: number }>();
  writes = 0;

  async read(account: string) {
    return structuredClone(this.quotas.get(account)) ?? { state: FRESH, revision: 0 };
  }

  async readMany(accounts: readonly string[]): Promise<Map<string, QuotaState>> {
    return new Map(
      accounts.flatMap((account) => {
        const found = this.quotas.get(account);
        return found ? [[account, structuredClone(found.state)]] : [];
      }),
    );
  }

  async write(account: string, state: QuotaState, revision: unknown): Promise<boolean> {
    const stored = this.quotas.get(account)?.revision ?? 0;
    if (stored !== revision) return false;
    this.writes += 1;
    this.quotas.set(account, { state: structuredClone(state), revision: stored + 1 });
    return true;
  }
}

/** The quotas of one container, or of several that share `store`. */
export function inMemoryQuota(
  options: Omit<AccountQuotaOptions, 'store' | 'log'>,
  store = new InMemoryQuotaStore(),
  log: Log = new RecordingLog(),
) {
  return createAccountQuota({ ...options, store, log });
}
