import { isIP } from 'node:net';

/** A shorter part of a path may also be an ordinary word, so it is not hidden. */
const SHORTEST_PART = 6;
const HIDDEN = '***';

/**
 * Hides the parts of an endpoint's URL in a text: the host, the path, the query, and each longer part of them, both raw
 * and decoded. Also hides every IP address. URLs of webhooks are often secrets, and error pages and socket errors
 * repeat them.
 */
export function createRedactor(url: URL): (text: string) => string {
  const { host, hostname, pathname, search, searchParams } = url;
  const parts = [...pathname.split('/'), ...search.slice(1).split(/[&=]/), ...searchParams.values()];
  const hidden = [host, hostname, pathname + search, pathname, search, ...parts]
    .flatMap((part) => [part, decoded(part)])
    .filter((part) => part.length >= SHORTEST_PART || part === hostname)
    // Longer parts first, because they may contain shorter ones.
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const withoutUrl = [...new Set(hidden)].reduce((left, part) => left.replaceAll(part, HIDDEN), text);
    return withoutUrl.replace(/[\w.:%[\]]{2,64}/g, (token) => (isAddress(token) ? HIDDEN : token));
  };
}

/** True for an IP address, with or without a port. */
function isAddress(token: string): boolean {
  const bare = token.replace(/^\[(.*)\](:\d+)?$/, '$1');
  return isIP(bare) !== 0 || isIP(bare.replace(/:\d+$/, '')) !== 0;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
