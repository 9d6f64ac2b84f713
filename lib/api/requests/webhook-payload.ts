import { parseSentJson } from '../../http/exact-json.ts';
import { parseJsonText, readUtf8, unparsable } from '../../http/json-body.ts';
import type { Payload } from '../../webhooks/inbound/select.ts';
import { problem } from '../problems/catalogue.ts';

const UTF_8 = String.raw`\s*(;\s*charset="?utf-8"?\s*)?$`;
const JSON_TYPE = new RegExp(String.raw`^application/([\w.-]{1,64}\+)?json${UTF_8}`, 'i');
const FORM_TYPE = new RegExp(`^application/x-www-form-urlencoded${UTF_8}`, 'i');

/**
 * Parses the payload of an authenticated delivery, from JSON or, with `formField`, from a form.
 * A number that JavaScript cannot hold exactly becomes its text. `textOf` returns the text of the other numbers.
 * Throws Problem: 415 for another content type, 400 for anything that is not JSON in UTF-8.
 */
export function readPayload(contentType: string, bytes: Buffer, formField: string | undefined): Payload {
  if (JSON_TYPE.test(contentType.trim())) return parseJsonText(bytes, parseSentJson);
  if (formField !== undefined && FORM_TYPE.test(contentType.trim())) {
    const [payload = '', ...others] = fieldsOf(readUtf8(bytes), formField);
    return parseJsonText(Buffer.from(others.length > 0 ? '' : payload), parseSentJson);
  }
  const accepted = formField === undefined ? 'application/json' : 'application/json, or a form';
  throw problem('unsupported-media-type', {
    detail: `let the sender send ${accepted}, in UTF-8`,
    errors: [{ field: 'content-type', message: `must be ${accepted}` }],
  });
}

/** Throws Problem 400 for bytes that are not UTF-8. (URLSearchParams would replace them with U+FFFD.) */
function fieldsOf(form: string, name: string): string[] {
  try {
    return form
      .split('&')
      .map((field) => field.replaceAll('+', ' ').split('='))
      .filter(([key = '']) => decodeURIComponent(key) === name)
      .map(([, ...value]) => decodeURIComponent(value.join('=')));
  } catch {
    throw unparsable('is not a form in UTF-8');
  }
}
