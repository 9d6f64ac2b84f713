import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All that IANA gives out for the public IPv6 Internet; ipaddr.js calls all the rest `unicast` too. */
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/**
 * Which range of addresses that are not public unicast it belongs to; undefined when it is public. An IPv6 address
 * that carries an IPv4 address (mapped, NAT64, 6to4, Teredo) is never public here, whatever it carries.
 */
export function nonPublicRangeOf(address: string): string | undefined {
  if (isIP(address) === 0) return 'not an address';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return range;
  return parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST_V6) ? 'not global' : undefined;
}
