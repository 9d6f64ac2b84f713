/** A secret is not one of Standard Webhooks. Never repeats it. */
export class InvalidWebhookSecret extends Error {
  override name = 'InvalidWebhookSecret';
  constructor() {
    super('must be whsec_ and the base64 of 24 to 64 bytes');
  }
}

/** The host has an address that webhooks are not sent to. Names the kind of address, not the address. */
export class RefusedAddress extends Error {
  override name = 'RefusedAddress';
  readonly code = 'RefusedAddress';
  constructor(range: string) {
    super(`the host resolves to an address that is not public (${range})`);
  }
}

/** Messages that must not be lost could not be stored: the delivery that brought them is kept. */
export class WebhookNotQueued extends Error {
  override name = 'WebhookNotQueued';
  constructor(what: string) {
    super(`${what} could not be queued`);
  }
}
