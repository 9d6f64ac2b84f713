/** A secret does not have the form of Standard Webhooks. The message never repeats it. */
export class InvalidWebhookSecret extends Error {
  override name = 'InvalidWebhookSecret';
  constructor() {
    super('must be whsec_ and the base64 of 24 to 64 bytes');
  }
}

/** The host has an address to which no webhook is sent. The message names the kind of address, not the address. */
export class RefusedAddress extends Error {
  override name = 'RefusedAddress';
  readonly code = 'RefusedAddress';
  constructor(range: string) {
    super(`the host resolves to an address that is not public (${range})`);
  }
}

/** Messages could not be queued. The current message stays in the queue, so that nothing is lost. */
export class WebhookNotQueued extends Error {
  override name = 'WebhookNotQueued';
  constructor(what: string) {
    super(`${what} could not be queued`);
  }
}
