/** One option of a program. `read` gets the given texts, one for each time. Throws what the option must be instead. */
export type Option<Value> = {
  help: string;
  /** The name of the value in the help. Absent: the option takes no value. */
  value?: string;
  /** One character: the short form of the option, after one dash. */
  short?: string;
  /** The default, as the help shows it. */
  byDefault?: string;
  /** All possible values, for the help. */
  words?: readonly string[];
  /** The heading in the help. The default is "Options". */
  group?: string;
  fallback: Value;
  read(texts: string[]): Value;
};

export type Options = Record<string, Option<unknown>>;

/** What a program is called with, for parsing and for the help. */
export type Program<O extends Options> = {
  /** As a person types it, such as `npm run demo`. npm takes the options of a script after two dashes. */
  command: string;
  /** What it does, in a few lines. */
  about: string;
  options?: O;
  /** What may follow without a dash. `known`: the only words, with a line about each. */
  operands?: {
    name: string;
    help?: string;
    known?: Record<string, string>;
    atLeast?: number;
    atMost?: number;
  };
  /** The environment variables that it reads. */
  environment?: Record<string, string>;
  /** Arguments to show after `command`, and what they do. */
  examples?: (string | readonly [args: string, does: string])[];
};

/** Returns the line that a person types. */
export function typed(command: string, args = ''): string {
  if (args === '') return command;
  return command.startsWith('npm ') ? `${command} -- ${args}` : `${command} ${args}`;
}

export function flag(help: string): Option<boolean> {
  return { help, fallback: false, read: () => true };
}

export function text<Fallback>(options: {
  help: string;
  value: string;
  fallback: Fallback;
  byDefault?: string;
  words?: readonly string[];
  pattern?: RegExp;
  /** What the value must be, for the sentence "… must be …". */
  must?: string;
}): Option<string | Fallback> {
  const { pattern = /./, must = 'given', ...option } = options;
  return {
    ...option,
    read: single((given) => {
      if (!pattern.test(given)) throw new Error(`must be ${must}`);
      return given;
    }),
  };
}

export function integer(options: {
  help: string;
  from: number;
  to: number;
  fallback: number;
  byDefault?: string;
  multipleOf?: number;
}): Option<number> {
  const { help, from, to, fallback, byDefault = String(fallback), multipleOf = 1 } = options;
  const what = multipleOf === 1 ? 'a whole number' : `a multiple of ${multipleOf}`;
  return {
    help: `${help}; ${from} to ${to}`,
    value: 'n',
    byDefault,
    fallback,
    read: single((given) => {
      const number = Number(given);
      const isOne = /^\d+$/.test(given) && number >= from && number <= to && number % multipleOf === 0;
      if (!isOne) throw new Error(`must be ${what} from ${from} to ${to}`);
      return number;
    }),
  };
}

/** One of a few words. */
export function choice<const Word extends string>(options: {
  help: string;
  value: string;
  words: readonly Word[];
}): Option<Word | undefined> {
  const { words } = options;
  return {
    ...options,
    fallback: undefined,
    read: single((given) => {
      const word = words.find((each) => each === given);
      if (word === undefined) throw new Error(`must be one of: ${words.join(', ')}`);
      return word;
    }),
  };
}

/** Free text: ids, names. */
export function word(help: string, value: string): Option<string | undefined> {
  return text({ help, value, fallback: undefined });
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time such as 90s, 5m or 1h, in milliseconds. */
export function duration(options: { help: string }): Option<number | undefined> {
  return {
    ...options,
    value: 'time',
    fallback: undefined,
    read: single((given) => {
      const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(given) ?? [];
      const ms = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
      if (!(ms > 0)) throw new Error('must be a time such as 90s, 5m or 1h');
      return ms;
    }),
  };
}

/** May be given several times, each time as key=value. A key counts once. */
export function pairs(options: { help: string }): Option<Record<string, string> | undefined> {
  return {
    ...options,
    value: 'key=value',
    fallback: undefined,
    read: (texts) => {
      const entries = texts.map((each): [string, string] => {
        const at = each.indexOf('=');
        if (at < 1) throw new Error('must be key=value');
        return [each.slice(0, at), each.slice(at + 1)];
      });
      const keys = new Set(entries.map(([key]) => key));
      if (keys.size < entries.length) throw new Error('must name each key once');
      return Object.fromEntries(entries);
    },
  };
}

/** May be given several times. */
export function list(options: { help: string; value: string }): Option<string[]> {
  return { ...options, fallback: [], read: (texts) => texts };
}

function single<Value>(read: (text: string) => Value): (texts: string[]) => Value {
  return ([first = '', ...more]) => {
    if (more.length > 0) throw new Error('must be given once');
    return read(first);
  };
}
