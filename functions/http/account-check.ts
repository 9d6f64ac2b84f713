import { invalidContent } from '../../lib/runtime/problem.ts';
import type { Accounts } from '../compose/accounts.ts';

/** Throws the 422 Problem for an alias that is not configured, or a region that this account may not be asked for. */
export function checkAccount(accounts: Accounts, account: string, region: string): void {
  if (!accounts.has(account)) {
    throw invalidContent([{ field: 'account', message: 'is not a configured account alias' }]);
  }
  const allowed = accounts.get(account)?.regions;
  if (allowed && !allowed.includes(region)) {
    throw invalidContent([{ field: 'region', message: 'is not enabled for this account' }]);
  }
}
