/** The unparsed request. Header names are in lower case; repeated headers are joined with commas. */
export type SignedRequest = {
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
};

/** The signature of a request that has the form of its scheme. Only a secret can show whether it is authentic. */
export type ParsedSignature = {
  /** Takes the same time for a wrong signature as for a right one. */
  isSignedWith(secret: string): boolean;
};

/** `malformed`: a header is missing, repeated or malformed. `stale`: signed too long ago, or in the future. */
type Refusal = 'malformed' | 'stale';

/** How a sender signs. */
export type SignatureScheme = {
  parseSignature(request: SignedRequest, now: number): ParsedSignature | Refusal;
  /** The rule that a secret breaks; never the secret itself. Undefined if the secret is valid. */
  problemOf(secret: string): string | undefined;
  /** The header with the delivery id, in lower case. Undefined: the id is derived from the body. */
  deliveryHeader: string | undefined;
};

/** Tries every secret, so that the time does not reveal which one matched. */
export function isAuthentic(signature: ParsedSignature, secrets: readonly string[]): boolean {
  return secrets.map((secret) => signature.isSignedWith(secret)).includes(true);
}

export function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined;
}

/**
 * Decodes `text`, if it is the exact encoding of `length` bytes: hex in lower case, or base64 with padding. Otherwise
 * undefined, for example for a value that was joined from two headers.
 */
export function digestOf(text: string, encoding: 'hex' | 'base64', length: number): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  return bytes.length === length && bytes.toString(encoding) === text ? bytes : undefined;
}
