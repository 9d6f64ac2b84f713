import { isObject } from './pattern-operators.ts';

/** One entry of a PutEvents request as it came over the wire. */
export type PutEventsEntry = {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Resources?: string[];
  /** Seconds since the epoch. */
  Time?: number;
};

export type EntryError = { ErrorCode: string; ErrorMessage: string };

const REQUEST_LIMIT_BYTES = 256 * 1024;

/** Returns why EventBridge refuses a whole PutEvents request; undefined if it accepts it. */
export function requestError(entries: PutEventsEntry[]): string | undefined {
  if (entries.length < 1 || entries.length > 10) {
    const bound = entries.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 10';
    return `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`;
  }
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > REQUEST_LIMIT_BYTES) return 'Total size of the entries in the request is over the limit.';
  return undefined;
}

/** Returns why EventBridge refuses one entry, if it does. It still accepts the other entries of the request. */
export function entryError(entry: PutEventsEntry): EntryError | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name]) return invalid(name, `${name} is a required argument.`);
  }
  if ((entry.Source?.length ?? 0) > 256) return invalid('Source', 'Source is longer than 256 characters.');
  if ((entry.DetailType?.length ?? 0) > 128) {
    return invalid('DetailType', 'DetailType is longer than 128 characters.');
  }
  if (entry.Source?.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  if (!isJsonObject(entry.Detail))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

function invalid(parameter: string, reason: string): EntryError {
  return {
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${reason}`,
  };
}

function isJsonObject(text = ''): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** As AWS counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function entryBytes(entry: PutEventsEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const timeBytes = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), timeBytes);
}
