import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/** Returns all addresses of a host, IPv4 first. Rejects if there is none. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Queries the name servers directly. `dns.lookup` has four threads for the whole process and no time limit, so a few
 * hosts whose name servers hang would delay all others. It also reads files in which a name may mean this machine.
 */
export function createResolve(): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return async (hostname) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [
      ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
      ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (addresses.length > 0) return addresses;
    throw v4.status === 'rejected' ? v4.reason : new Error(`${hostname} has no address`);
  };
}
