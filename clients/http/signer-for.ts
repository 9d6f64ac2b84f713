import { createSigner, type Signing, type SignRequest } from './sign.ts';

type Options = Omit<Signing, 'region'> & {
  url: string;
  /** The default is the region in the URL; a domain of your own has none. */
  region?: string | undefined;
};

/**
 * What gets the signer of the API at `url`, once and when it is first needed. Undefined for this machine, where nobody
 * signs. Throws for an address that does not say its region.
 */
export function signerFor(options: Options): (() => Promise<SignRequest>) | undefined {
  const { url, credentials, profile } = options;
  const { hostname } = new URL(url);
  if (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)) return undefined;
  const region = options.region ?? /\.execute-api\.([a-z0-9-]+)\.amazonaws\./.exec(hostname)?.[1];
  if (region === undefined) {
    throw new TypeError(`${hostname} does not say its AWS region: give \`region\``);
  }
  let signer: Promise<SignRequest> | undefined;
  return () => {
    signer ??= createSigner({ region, credentials, profile });
    return signer;
  };
}
