import type { Accounts } from '../../config/accounts.ts';
import { invalidContent } from '../../http/problem.ts';
import { BY_REGION } from '../../volcengine/hosts.ts';
import { isKnownRegion, nearestRegions } from '../../volcengine/known-regions.ts';

/** What a request is held to, and what is meant where it names nothing. */
export type RequestDefaults = {
  accounts: Accounts;
  region: string;
  /** Absent: by region. */
  endpoint?: string;
};

const SHOWN_REGIONS = 3;

/**
 * Throws the 422 Problem for an alias that is not configured, or a region that this account may not be asked for.
 * A region that nobody knows is refused as a typing error, unless the configuration names it (as the account's or as
 * the default), or an endpoint of its own, whose regions are its own.
 */
export function checkAccount(defaults: RequestDefaults, account: string, region: string): void {
  const { accounts, endpoint = BY_REGION } = defaults;
  if (!accounts.has(account)) {
    throw invalidContent([{ field: 'account', message: 'is not a configured account alias' }]);
  }
  const allowed = accounts.get(account)?.regions;
  if (allowed?.includes(region)) return;
  if (allowed) throw invalidContent([{ field: 'region', message: 'is not enabled for this account' }]);
  if (endpoint !== BY_REGION || region === defaults.region || isKnownRegion(region)) return;
  const nearest = nearestRegions(region, SHOWN_REGIONS).join(', ');
  const message = `is not a known region (the nearest are ${nearest}); the account's \`regions\` can name a new one`;
  throw invalidContent([{ field: 'region', message }]);
}
