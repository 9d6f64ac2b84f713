import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import * as v from 'valibot';

export type SdkCoreRequest = {
  method: string;
  uri: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  region: string;
  serviceName: string;
  accessKeyId: string;
  secretAccessKey: string;
  host: string;
  timestamp: string;
};

const isFunction = (value: unknown): value is (...given: unknown[]) => unknown => typeof value === 'function';
const Signer = v.object({
  signRequest: v.custom<(...given: unknown[]) => unknown>(isFunction),
  getDateTime: v.custom<(...given: unknown[]) => unknown>(isFunction),
});
const Signed = v.object({ authorization: v.string() });

/**
 * `@volcengine/sdk-core` exports its client, and not the signer inside: this is the very source that it is built
 * from, which the package ships, with the types taken off.
 */
export async function loadSdkCoreSigner() {
  const manifest = createRequire(import.meta.url).resolve('@volcengine/sdk-core/package.json');
  const source = await readFile(join(dirname(manifest), 'src/utils/signer.ts'), 'utf8');
  const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node24' });
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const { signRequest, getDateTime } = v.parse(Signer, await import(url));
  return {
    sign: (request: SdkCoreRequest) => signRequest(request),
    dateTime: (date: Date) => v.parse(v.string(), getDateTime(date)),
    authorizationOf: (signed: unknown) => v.parse(Signed, signed).authorization,
  };
}
