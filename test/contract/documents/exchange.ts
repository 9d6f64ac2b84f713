/** A request and its answer, as they were on the wire. Header names in lower case. */
export type Exchange = {
  method: string;
  /** As sent, with the query. */
  target: string;
  requestHeaders: Record<string, string>;
  requestBody: Buffer;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
};

/** Undefined for bytes that are not text in UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for anything but JSON. */
export function jsonOf(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(textOf(bytes) ?? '') };
  } catch {
    return undefined;
  }
}

/** `Application/JSON; charset=utf-8` is application/json. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** A parameter or header with a number in it, as the number. */
export function typed(text: string, type: unknown): unknown {
  return type === 'integer' && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
