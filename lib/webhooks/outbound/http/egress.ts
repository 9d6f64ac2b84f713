import { isIP, type LookupFunction } from 'node:net';
import { RefusedAddress } from '../errors.ts';
import { nonPublicRangeOf } from './public-address.ts';
import type { Resolve } from './resolve.ts';

/** `unrestricted` allows plain HTTP and any address, for receivers on the same machine. */
export const EGRESS = ['public-https', 'unrestricted'] as const;
export type Egress = (typeof EGRESS)[number];

/**
 * Returns why no webhook may be sent to this URL; undefined if it is allowed. `URL` has already converted unusual forms
 * of an IP address (decimal, octal, hexadecimal, short).
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
 * A lookup for sockets. It resolves once and returns only checked addresses. The connection goes to one of them, so a
 * name that later resolves to another address has no effect. One refused address refuses the host, because its name
 * cannot be trusted. Sockets do not look up a host that is an IP address: urlRefusal checks it.
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
