import type { IncomingHttpHeaders } from 'node:http';

/** The names of this machine's loopback interface, and the one under which the SQS emulator names its queues. */
const OWN_HOST = /^(?:127\.0\.0\.1|\[::1\]|(?:sqs\.[a-z0-9-]+\.)?localhost)(?::\d{1,5})?$/i;

/** The values of Sec-Fetch-Site for a page of this server, and for an address that a person typed. */
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * Returns which header shows that a foreign web page sent the request; undefined if none does. A page can send
 * requests to every port of its reader's machine, and by DNS rebinding also under its own host name, but it cannot
 * leave these headers out. Programs such as curl and the SDKs send no Origin and no Sec-Fetch-Site.
 * https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function foreignSign(headers: IncomingHttpHeaders): string | undefined {
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  if (host !== undefined && !OWN_HOST.test(host)) return 'The Host header names another host than this one.';
  if (origin !== undefined && origin !== `http://${host}`) return 'The Origin header names another site.';
  if (site !== undefined && !OWN_SITES.has(site)) {
    return 'The Sec-Fetch-Site header says that another site has sent this.';
  }
  return undefined;
}
