import { ApiError } from './api-error.ts';

export type Authorization = {
  accessKey: string;
  date: string;
  region: string;
  service: string;
  terminator: string;
  signedHeaders: string[];
  signature: string;
};

const SCHEME = 'HMAC-SHA256 ';

/**
 * Parses `HMAC-SHA256 Credential=AK/date/region/vpc/request, SignedHeaders=a;b, Signature=hex`. Throws an ApiError for
 * everything that only resembles it.
 */
export function parseAuthorization(header: string): Authorization {
  if (!header.startsWith(SCHEME)) throw malformed('it does not start with HMAC-SHA256');
  const fields = new Map<string, string>();
  for (const part of header.slice(SCHEME.length).split(', ')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0));
    if (!['Credential', 'SignedHeaders', 'Signature'].includes(name) || fields.has(name)) {
      throw malformed('it has a part that is unknown or given twice');
    }
    fields.set(name, part.slice(equals + 1));
  }

  const credential = (fields.get('Credential') ?? '').split('/');
  const [accessKey = '', date = '', region = '', service = '', terminator = ''] = credential;
  if (credential.length !== 5 || credential.includes('')) {
    throw new ApiError('InvalidCredential', 'Credential is not AccessKey/date/region/service/request.');
  }
  const signature = fields.get('Signature');
  if (!signature) throw new ApiError('MissingSignature', 'The Authorization header has no Signature.');
  const signedHeaders = parseSignedHeaders(fields.get('SignedHeaders') ?? '');
  return { accessKey, date, region, service, terminator, signedHeaders, signature };
}

function parseSignedHeaders(text: string): string[] {
  const names = text.split(';');
  for (const [index, name] of names.entries()) {
    const previous = names[index - 1];
    if (!/^[a-z0-9-]+$/.test(name)) throw malformed('SignedHeaders is not a list of lower-case names');
    if (previous !== undefined && previous >= name) throw malformed('SignedHeaders is not sorted');
  }
  return names;
}

function malformed(why: string): ApiError {
  return new ApiError('InvalidAuthorization', `The Authorization header is malformed: ${why}.`);
}
