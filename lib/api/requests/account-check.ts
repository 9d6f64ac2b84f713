import { ConfigurationUnread } from '../../activation/model/errors.ts';
import type { Accounts } from '../../config/accounts.ts';
import { invalidContent } from '../../http/problem.ts';
import { BY_REGION } from '../../volcengine/hosts.ts';
import { isKnownRegion, nearestRegions } from '../../volcengine/known-regions.ts';

/** The accounts that a request may name, and the region that it gets if it names none. */
export type RequestDefaults = {
  accounts: Accounts;
  region: string;
  /** Absent: by region. */
  endpoint?: string;
};

const SHOWN_REGIONS = 3;

/**
 * Throws ConfigurationUnread if the stored accounts are not known, and the 422 Problem for an alias that is not
 * configured, or a region that is not enabled for this account. An unknown region is probably a typing error and is
 * refused. It is allowed if the configuration names it (for the account or as the default), or if the configuration has
 * an endpoint of its own, which may serve any region.
 */
export function checkAccount(defaults: RequestDefaults, account: string, region: string): void {
  const { accounts, endpoint = BY_REGION } = defaults;
  if (!accounts.has(account)) {
    if (accounts.isIncomplete) throw new ConfigurationUnread();
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
