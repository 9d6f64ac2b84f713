/** A call that ended without a complete HTTP response. It is unknown whether Volcengine executed it. */
export type NetworkFailure = { kind: 'network-failure'; code: NetworkFailureCode; message: string };

export type NetworkFailureCode =
  | 'BodyTimeout'
  | 'ConnectTimeout'
  | 'ConnectionClosed'
  | 'ConnectionRefused'
  | 'ConnectionReset'
  | 'HeadersTimeout'
  | 'HostUnreachable'
  | 'InvalidBody'
  | 'InvalidRequest'
  | 'InvalidResponse'
  | 'NameNotResolved'
  | 'NetworkError'
  | 'Timeout'
  | 'TlsFailure'
  | 'TransportClosed';

/** The error codes of Node's sockets and of undici. */
const CODES: ReadonlyMap<string, NetworkFailureCode> = new Map([
  ['ECONNREFUSED', 'ConnectionRefused'],
  ['ECONNRESET', 'ConnectionReset'],
  ['EPIPE', 'ConnectionReset'],
  ['ENOTFOUND', 'NameNotResolved'],
  ['EAI_AGAIN', 'NameNotResolved'],
  ['EHOSTUNREACH', 'HostUnreachable'],
  ['ENETUNREACH', 'HostUnreachable'],
  ['EADDRNOTAVAIL', 'HostUnreachable'],
  ['ETIMEDOUT', 'ConnectTimeout'],
  ['EPROTO', 'TlsFailure'],
  ['UND_ERR_CONNECT_TIMEOUT', 'ConnectTimeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'HeadersTimeout'],
  ['UND_ERR_BODY_TIMEOUT', 'BodyTimeout'],
  ['UND_ERR_SOCKET', 'ConnectionClosed'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'InvalidBody'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'InvalidBody'],
  ['UND_ERR_HEADERS_OVERFLOW', 'InvalidResponse'],
  ['ResponseTooLong', 'InvalidResponse'],
  ['UND_ERR_INVALID_ARG', 'InvalidRequest'],
  ['UND_ERR_CLOSED', 'TransportClosed'],
  ['UND_ERR_DESTROYED', 'TransportClosed'],
]);

const TLS_CODE = /^ERR_(SSL|TLS)_|CERT|^UNABLE_TO_/;

export function networkFailure(error: Error): NetworkFailure {
  const cause = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return {
    kind: 'network-failure',
    code: CODES.get(cause) ?? codeByFamily(error, cause),
    message: error.message || cause || error.name,
  };
}

function codeByFamily(error: Error, cause: string): NetworkFailureCode {
  // The code of this error is empty if undici's parser has no name for the fault.
  if (error.name === 'HTTPParserError') return 'InvalidResponse';
  return TLS_CODE.test(cause) ? 'TlsFailure' : 'NetworkError';
}
