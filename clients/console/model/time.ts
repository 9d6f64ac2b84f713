/** A duration in one unit, such as `42 s`, `7 min` or `3 d`; below a second in milliseconds. It is not broken. */
export function duration(ms: number): string {
  if (ms < 1_000) return unbroken(Math.max(0, Math.round(ms)), 'ms');
  if (ms < 10_000) return unbroken((ms / 1_000).toFixed(1), 's');
  return wholeUnits(ms);
}

/** Such as `7 min ago`, `in 12 s` or `now`. */
export function relativeTime(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  if (Math.abs(ms) < 1_500) return 'now';
  const text = wholeUnits(Math.abs(ms));
  return ms < 0 ? unbroken(text, 'ago') : unbroken('in', text);
}

function wholeUnits(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return unbroken(seconds, 's');
  if (seconds < 7_200) return unbroken(Math.round(seconds / 60), 'min');
  return seconds < 172_800
    ? unbroken(Math.round(seconds / 3_600), 'h')
    : unbroken(Math.round(seconds / 86_400), 'd');
}

function unbroken(...parts: (string | number)[]): string {
  return parts.join('\u00a0');
}

/** The value of a field for a local time, from a time in ISO 8601; and back. */
export function toLocalField(iso: string | undefined): string {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocalField(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
