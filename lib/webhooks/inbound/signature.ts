/** A request as it came, before any parser; header names in lower case, repeated headers joined by commas. */
export type SignedRequest = {
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
};

/** A request in the shape that its scheme asks for. Whether it is authentic, only a secret can tell. */
export type ParsedSignature = {
  /** Takes as long for a wrong signature as for a right one. */
  isSignedWith(secret: string): boolean;
};

/** `malformed`: a header is missing, doubled or not in its form. `stale`: signed too long ago, or in the future. */
type Refusal = 'malformed' | 'stale';

/** How a sender signs. */
export type SignatureScheme = {
  parseSignature(request: SignedRequest, now: number): ParsedSignature | Refusal;
  /** What is wrong with a secret, as the rule that it breaks; never the secret itself. */
  problemOf(secret: string): string | undefined;
  /** The header with the sender's id of a delivery, in lower case; without one the body stands for it. */
  deliveryHeader: string | undefined;
};

/** Every secret is tried: the time that it takes does not tell which of them matched. */
export function isAuthentic(signature: ParsedSignature, secrets: readonly string[]): boolean {
  return secrets.map((secret) => signature.isSignedWith(secret)).includes(true);
}

export function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined;
}

/**
 * The bytes that `text` encodes, if it is exactly how so many bytes are written in this encoding: hex in lower case,
 * base64 with its padding. A value joined from two headers, or with anything around it, is none.
 */
export function digestOf(text: string, encoding: 'hex' | 'base64', length: number): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  return bytes.length === length && bytes.toString(encoding) === text ? bytes : undefined;
}
