import { parseJson } from '../../lib/runtime/json-body.ts';
import { Problem } from '../../lib/runtime/problem.ts';

const UTF_8 = String.raw`\s*(;\s*charset="?utf-8"?\s*)?$`;
const JSON_TYPE = new RegExp(String.raw`^application/([\w.-]{1,64}\+)?json${UTF_8}`, 'i');
const FORM_TYPE = new RegExp(`^application/x-www-form-urlencoded${UTF_8}`, 'i');

/**
 * The payload of a delivery whose signature was found good, from JSON or, with `formField`, from a form.
 * Throws Problem: 415 for another content type, 400 for anything that is not JSON in UTF-8.
 */
export function readPayload(contentType: string, bytes: Buffer, formField: string | undefined): unknown {
  if (JSON_TYPE.test(contentType.trim())) return parseJson(bytes);
  if (formField !== undefined && FORM_TYPE.test(contentType.trim())) {
    const [payload = '', ...others] = new URLSearchParams(bytes.toString('utf8')).getAll(formField);
    return parseJson(Buffer.from(others.length > 0 ? '' : payload));
  }
  const accepted = formField === undefined ? 'application/json' : 'application/json, or a form';
  throw new Problem({
    status: 415,
    code: 'unsupported-media-type',
    title: 'The content type is not supported',
    detail: `let the sender send ${accepted}, in UTF-8`,
    errors: [{ field: 'content-type', message: `must be ${accepted}` }],
  });
}
