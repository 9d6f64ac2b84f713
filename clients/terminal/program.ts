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
  fallback: Value;
  read(texts: string[]): Value;
};

export type Options = Record<string, Option<unknown>>;

/** What a program is called with, for parsing and for the help. */
export type Program<O extends Options> = {
  /** As a person types it, such as `npm run demo`. */
  command: string;
  /** What it does, in a few lines. */
  about: string;
  options?: O;
  /** The words that may follow without a dash, with a line about each. */
  operands?: { name: string; known: Record<string, string> };
  /** The environment variables that it reads. */
  environment?: Record<string, string>;
  /** Arguments to show after `command`. */
  examples?: string[];
};

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
