import { GetParametersCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { inChunks, mapConcurrently } from '../runtime/concurrency.ts';
import { CLIENT_OPTIONS } from './client-options.ts';

/** `value` is absent if the parameter is a SecureString that we may not decrypt. */
type Parameter = { name: string; value?: string };

/** Reads all parameters under a path. Rejects with the error of the call, or after READ_LIMIT_MS. */
export type ParameterReader = (path: string) => Promise<Parameter[]>;

/** For all pages together. A page takes some 30 ms, and Parameter Store allows 40 a second for the whole account. */
const READ_LIMIT_MS = 10_000;
/** The client waits longer with each one. Throttling is likely when many containers start at once. */
const MAX_ATTEMPTS = 5;
/** Errors of a whole call of which one parameter cannot be decrypted. Docs "GetParametersByPath", Errors. */
const UNDECRYPTABLE = ['AccessDeniedException', 'InvalidKeyId'];
/** The most that GetParametersByPath and GetParameters allow. */
const PAGE_SIZE = 10;
const CALLS_AT_ONCE = 4;

/**
 * If one parameter cannot be decrypted, Parameter Store refuses its whole page. Then all are read as they are stored, and
 * the SecureStrings among them once more, by name: only what cannot be decrypted has no value.
 */
export function createParameterReader(client: SSMClient = createSsmClient()): ParameterReader {
  return async (path) => {
    const signal = AbortSignal.timeout(READ_LIMIT_MS);
    try {
      return await readAll(client, path, true, signal);
    } catch (error) {
      if (!isUndecryptable(error)) throw error;
      const stored = await readAll(client, path, false, signal);
      const secure = stored.filter(({ value }) => value === undefined).map(({ name }) => name);
      const chunks = await mapConcurrently(inChunks(secure, PAGE_SIZE), CALLS_AT_ONCE, (names) =>
        decrypted(client, names, signal),
      );
      const values = new Map(chunks.flat());
      return stored.map(({ name, value = values.get(name) }) => ({
        name,
        ...(value !== undefined && { value }),
      }));
    }
  };
}

/** Halves what is refused, so that what cannot be decrypted stands alone, and is left out. */
async function decrypted(
  client: SSMClient,
  names: string[],
  signal: AbortSignal,
): Promise<[name: string, value: string][]> {
  try {
    const command = new GetParametersCommand({ Names: names, WithDecryption: true });
    const { Parameters = [] } = await client.send(command, { abortSignal: signal });
    return Parameters.map(({ Name = '', Value = '' }) => [Name, Value]);
  } catch (error) {
    if (!isUndecryptable(error)) throw error;
    if (names.length <= 1) return [];
    const halves = inChunks(names, Math.ceil(names.length / 2));
    return (await mapConcurrently(halves, 1, (half) => decrypted(client, half, signal))).flat();
  }
}

function isUndecryptable(error: unknown): boolean {
  return error instanceof Error && UNDECRYPTABLE.includes(error.name);
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
