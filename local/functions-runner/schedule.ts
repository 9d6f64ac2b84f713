/** When a schedule fires next, both in milliseconds since the epoch. */
export type Schedule = { next(after: number): number; firesAtStart: boolean };

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Parses `rate(5 minutes)` and `cron(0/15 8-18 ? * MON-FRI *)` (UTC; without L, W and #).
 * A rate also fires at the start, so that nobody waits for the first time. Throws for anything else.
 */
export function parseSchedule(expression: string): Schedule {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNIT_MS[unit];
  if (value !== undefined && unitMs !== undefined && Number(value) > 0) {
    return { firesAtStart: true, next: (after) => after + Number(value) * unitMs };
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(' ');
  if (fields?.length !== 6) throw new Error(`Unsupported schedule expression: ${expression}`);
  const matches = cronMatcher(fields);
  return {
    firesAtStart: false,
    next(after) {
      let minute = (Math.floor(after / 60_000) + 1) * 60_000;
      // A cron that never matches again is looked for a year ahead.
      const latest = minute + 366 * 86_400_000;
      while (minute < latest && !matches(new Date(minute))) minute += 60_000;
      return minute;
    },
  };
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function cronMatcher([minute = '', hour = '', day = '', month = '', weekday = '', year = '']: string[]) {
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const daysOfMonth = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, MONTHS);
  const daysOfWeek = parseField(weekday, 1, 7, DAYS);
  const years = parseField(year, 1970, 2199);
  return (date: Date): boolean =>
    minutes.has(date.getUTCMinutes()) &&
    hours.has(date.getUTCHours()) &&
    daysOfMonth.has(date.getUTCDate()) &&
    months.has(date.getUTCMonth() + 1) &&
    daysOfWeek.has(date.getUTCDay() + 1) &&
    years.has(date.getUTCFullYear());
}

/** The values of `*`, `?`, `5`, `1-5`, `MON-FRI`, `0/15`, and lists of them. */
function parseField(field: string, lowest: number, highest: number, names: string[] = []): Set<number> {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + lowest : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= lowest && value <= highest)) throw new Error(`Unsupported cron field: ${field}`);
    return value;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const start = range === '*' || range === '?' ? lowest : number(from);
    const open = range === '*' || range === '?' || step !== undefined;
    const end = to !== undefined ? number(to) : open ? highest : start;
    for (let value = start; value <= end; value += Number(step ?? 1) || highest) values.add(value);
  }
  return values;
}
