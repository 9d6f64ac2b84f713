import { isStrictUrl } from '../http/strict-url.ts';

/** Thrown for an endpoint that is not an `http(s)://host[:port]` URL. Says why, without repeating it. */
export class InvalidEndpointError extends Error {
  override name = 'InvalidEndpointError';

  constructor(why: string) {
    super(`must be an http(s)://host[:port] URL: ${why}`);
  }
}

type Endpoint = {
  origin: string;
  /** The Host header, which is signed: with the port unless it is the scheme's default. */
  host: string;
};

export function parseEndpoint(url: string): Endpoint {
  const parsed = URL.parse(url);
  if (parsed === null) throw new InvalidEndpointError('it is not a URL');
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new InvalidEndpointError('its scheme is neither http nor https');
  }
  if (!isStrictUrl(url)) {
    throw new InvalidEndpointError(
      'it is not written so, or has a blank, a backslash or a control character',
    );
  }
  if (parsed.username !== '' || parsed.password !== '' || /^[^/?#]*\/\/[^/?#]*@/.test(url)) {
    throw new InvalidEndpointError('it carries a user name or password');
  }
  if (parsed.port === '0') throw new InvalidEndpointError('nothing listens at port 0');
  if (parsed.pathname !== '/') throw new InvalidEndpointError('it has a path');
  if (/[?#]/.test(url)) throw new InvalidEndpointError('it has a query or a fragment');
  return { origin: parsed.origin, host: parsed.host };
}
