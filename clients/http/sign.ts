import { createHash, createHmac } from 'node:crypto';
import { CredentialsMissing } from './errors.ts';

/** AWS credentials, as every provider of AWS's SDK gives them. */
export type Credentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
};
export type CredentialsProvider = () => Promise<Credentials>;

export type Signing = {
  /** The AWS region of the deployed API. */
  region: string;
  /** The default is AWS's own chain: environment, profile, SSO, web identity, container, instance. */
  credentials?: Credentials | CredentialsProvider;
  /** A profile of AWS's configuration files, for the default chain. */
  profile?: string;
};

export type SignRequest = (request: {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
}) => Promise<Record<string, string>>;

/**
 * Returns a function that adds SigV4 headers for `execute-api`. The signer and the chain of credentials are AWS's own;
 * they are loaded here, so that a caller that signs nothing does not wait for them.
 */
export async function createSigner({ region, credentials, profile }: Signing): Promise<SignRequest> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const provider = credentials ?? (await defaultChain(profile));
  const signer = new SignatureV4({ service: 'execute-api', region, sha256: Sha256, credentials: provider });
  return async ({ method, url, headers, body }) => {
    const signed = await signer
      .sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
        body,
      })
      .catch((error: unknown) => {
        throw new CredentialsMissing(error instanceof Error ? error.message : String(error), {
          cause: error,
        });
      });
    return signed.headers;
  };
}

async function defaultChain(profile: string | undefined): Promise<CredentialsProvider> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider({ ...(profile !== undefined && { profile }) });
}

/** Node's own hash, in the form that the signer takes. */
class Sha256 {
  readonly #hash: { update(data: Uint8Array): unknown; digest(): Uint8Array };

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
