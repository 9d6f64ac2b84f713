import { type Option, text } from '../terminal/program.ts';

const UNITS_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, as an age or in ISO 8601; in milliseconds since the epoch. */
export function sinceOption(help: string): Option<number | undefined> {
  const option = text({ help, value: 'time', fallback: undefined });
  return {
    ...option,
    fallback: undefined,
    read: (texts) => {
      const given = option.read(texts) ?? '';
      const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(given) ?? [];
      const ms = count === undefined ? Date.parse(given) : Date.now() - Number(count) * (UNITS_MS[unit] ?? 0);
      if (Number.isNaN(ms))
        throw new Error('must be an age such as 2h, or a time such as 2026-01-02T03:04:05Z');
      return ms;
    },
  };
}
