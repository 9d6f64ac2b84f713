export const WINDOW_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAYS: readonly string[] = WINDOW_DAYS;

/**
 * When a policy may change something, by the clocks of a time zone: summer time included. A window whose `to` is not
 * after `from` ends on the next day, and belongs to the day on which it begins. `from` without `to`, or the other way
 * round: the rest, or the first part, of the day.
 */
export type Window = { days?: (typeof WINDOW_DAYS)[number][]; from?: string; to?: string; timeZone?: string };

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;

/** `now` in ms since the epoch. */
export function isWindowOpen(window: Window | undefined, now: number): boolean {
  if (window === undefined) return true;
  const { days = DAYS, timeZone = 'UTC' } = window;
  const { day, minute } = localTime(now, timeZone);
  const from = minuteOf(window.from ?? '00:00');
  const to = minuteOf(window.to ?? '24:00');
  const opensOn = (index: number) =>
    days.some((given) => given === DAYS[(index + DAYS.length) % DAYS.length]);
  if (from < to) return opensOn(day) && from <= minute && minute < to;
  return (opensOn(day) && from <= minute) || (opensOn(day - 1) && minute < to);
}

/** How long the window is still open, in ms; at most a day. */
export function openForMs(window: Window | undefined, now: number): number {
  if (!isWindowOpen(window, now)) return 0;
  const untilNextMinute = MINUTE_MS - (now % MINUTE_MS);
  for (let minute = 0; minute < DAY_MINUTES; minute += 1) {
    const ms = untilNextMinute + minute * MINUTE_MS;
    if (!isWindowOpen(window, now + ms)) return ms;
  }
  return DAY_MINUTES * MINUTE_MS;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `day`: 0 is Monday. */
function localTime(now: number, timeZone: string): { day: number; minute: number } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    day: DAYS.indexOf(parts.get('weekday')?.toLowerCase() ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
