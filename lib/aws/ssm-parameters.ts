import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from './client-options.ts';

/** `value` is absent if the parameter is a SecureString that we may not decrypt. */
type Parameter = { name: string; value?: string };

/** Reads all parameters under a path. Rejects with the error of the call, or after READ_LIMIT_MS. */
export type ParameterReader = (path: string) => Promise<Parameter[]>;

/** For all pages together. A page takes some 30 ms, and Parameter Store allows 40 a second for the whole account. */
const READ_LIMIT_MS = 10_000;
/** The client waits longer with each one. Throttling is likely when many containers start at once. */
const MAX_ATTEMPTS = 5;
/** Errors of a whole page in which one parameter cannot be decrypted. Docs "GetParametersByPath", Errors. */
const UNDECRYPTABLE = ['AccessDeniedException', 'InvalidKeyId'];
/** The most that GetParametersByPath allows. */
const PAGE_SIZE = 10;

/**
 * If one parameter cannot be decrypted, Parameter Store refuses its whole page. Then all are read as they are stored, and
 * only the SecureStrings have no value.
 */
export function createParameterReader(client: SSMClient = createSsmClient()): ParameterReader {
  return async (path) => {
    const signal = AbortSignal.timeout(READ_LIMIT_MS);
    try {
      return await readAll(client, path, true, signal);
    } catch (error) {
      if (!(error instanceof Error && UNDECRYPTABLE.includes(error.name))) throw error;
      return await readAll(client, path, false, signal);
    }
  };
}

async function readAll(
  client: SSMClient,
  path: string,
  decrypt: boolean,
  signal: AbortSignal,
): Promise<Parameter[]> {
  const found: Parameter[] = [];
  const pages = paginateGetParametersByPath(
    { client, pageSize: PAGE_SIZE },
    { Path: path, Recursive: true, WithDecryption: decrypt },
    { abortSignal: signal },
  );
  for await (const { Parameters = [] } of pages) {
    for (const { Name: name = '', Type, Value: value } of Parameters) {
      const isReadable = value !== undefined && (decrypt || Type !== 'SecureString');
      found.push({ name, ...(isReadable && { value }) });
    }
  }
  return found;
}

function createSsmClient(): SSMClient {
  return new SSMClient({ ...CLIENT_OPTIONS, maxAttempts: MAX_ATTEMPTS });
}
