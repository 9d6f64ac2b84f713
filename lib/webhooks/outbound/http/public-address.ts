import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The range that IANA assigns to the public IPv6 Internet. ipaddr.js also calls the rest `unicast`. */
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/**
 * Returns the range of an address that is not public unicast; undefined if the address is public. An IPv6 address that
 * contains an IPv4 address (mapped, NAT64, 6to4, Teredo) never counts as public.
 */
export function nonPublicRangeOf(address: string): string | undefined {
  if (isIP(address) === 0) return 'not an address';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return range;
  return parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST_V6) ? 'not global' : undefined;
}
