import { isIP, type LookupFunction } from 'node:net';
import { RefusedAddress } from '../errors.ts';
import { nonPublicRangeOf } from './public-address.ts';
import type { Resolve } from './resolve.ts';

/** `unrestricted` is for receivers on one's own machine: plain HTTP and any address. */
export const EGRESS = ['public-https', 'unrestricted'] as const;
export type Egress = (typeof EGRESS)[number];

/**
 * Why nothing may be sent to this URL, undefined if it may. Parsing has written an IP address in odd notation
 * (decimal, octal, hexadecimal, short) in its usual one.
 */
export function urlRefusal(url: URL, egress: Egress): string | undefined {
  const isRestricted = egress === 'public-https';
  if (url.protocol !== 'https:' && isRestricted) return 'must be an https URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return 'must be an https URL, or an http URL where plain HTTP is allowed';
  }
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password';
  if (url.port === '0') return 'must not have the port 0';
  if (url.hash !== '') return 'must not have a fragment';
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isRestricted || isIP(address) === 0) return undefined;
  const range = nonPublicRangeOf(address);
  return range === undefined ? undefined : `must not have an address that is not public (${range})`;
}

/**
 * A lookup for sockets that resolves once and hands on only what was checked: the connection goes to one of these
 * addresses, and a name that resolves to another one a moment later changes nothing. One address that is refused
 * refuses all, as the name cannot be trusted. Sockets do not ask for a host that is an address: see urlRefusal.
 */
export function createCheckedLookup(resolve: Resolve, refusedRangeOf = nonPublicRangeOf): LookupFunction {
  return (hostname, options, callback) => {
    const check = async () => {
      const addresses = await resolve(hostname);
      for (const { address } of addresses) {
        const range = refusedRangeOf(address);
        if (range !== undefined) throw new RefusedAddress(range);
      }
      const wanted = addresses.filter(({ family }) => !options.family || family === options.family);
      const [first] = wanted;
      if (first === undefined) throw new Error(`${hostname} has no address of the family asked for`);
      return { first, wanted };
    };
    check().then(
      ({ first, wanted }) =>
        options.all ? callback(null, wanted) : callback(null, first.address, first.family),
      (error) => callback(error, []),
    );
  };
}
