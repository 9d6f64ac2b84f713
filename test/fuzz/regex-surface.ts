import { globSync, readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { defineSurface, type Surface, Violation } from './surface.ts';

const PROJECT = new URL('../../', import.meta.url);
const LENGTH = 100_000;
/** A linear match takes a millisecond, a quadratic one ten seconds; V8 can be stopped in the middle of one. */
const MAX_MS = 2_000;

/** A literal where an expression may begin, in code whose comments are gone. */
const LITERAL =
  /(?<=(?:[(,=:[!&|?{};]|\breturn)\s*)\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

export type FoundRegex = { file: string; source: string; flags: string };

/** Every regular expression that is written in what is deployed. */
export function findRegexes(): FoundRegex[] {
  return globSync('{lib,functions,events}/**/*.ts', { cwd: PROJECT })
    .sort()
    .flatMap((file) => {
      const code = readFileSync(new URL(file, PROJECT), 'utf8').replaceAll(
        /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
        '',
      );
      const found = [...code.matchAll(LITERAL)].map(([, source = '', flags = '']) => ({
        file,
        source,
        flags,
      }));
      return found.filter(({ source }) => !source.includes('${'));
    });
}

const regexes = findRegexes();

/** Characters that the expression speaks of, and some that it does not. */
function unitsOf(source: string): string[] {
  const literal = source.replaceAll(/\\[dwsSDWbBnrt]|[[\](){}^$*+?|\\]/g, '');
  return [...new Set([...literal, 'a', '0', ' ', '-', '_', '.', '%', '\u0000', '冻'])];
}

const attack = fc.constantFrom(...regexes).chain((regex) => {
  const unit = fc
    .array(fc.constantFrom(...unitsOf(regex.source)), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(''));
  return fc.record({
    regex: fc.constant(regex),
    prefix: fc.oneof(fc.constant(''), unit, matchOf(regex)),
    pump: fc.oneof(unit, matchOf(regex)),
    suffix: fc.oneof(fc.constant('\u0000'), fc.constant('!'), fc.constant(''), unit),
  });
});

/**
 * Something that the expression matches, to be repeated. fast-check looks for ever for what most negated classes match,
 * and knows no lookaheads.
 */
function matchOf({ source, flags }: FoundRegex): fc.Arbitrary<string> {
  if (/\[\^|\(\?[=!]/.test(source)) return fc.string({ unit: 'binary', maxLength: 60 });
  return fc
    .stringMatching(new RegExp(source, flags.replaceAll(/[giy]/g, '')))
    .map((text) => text.slice(0, 60));
}

const sandbox = createContext({ regex: /x/, text: '' });
const run = new Script('regex.lastIndex = 0; regex.test(text)');

/** 100 kB that nearly match, for every regular expression in lib/, functions/ and events/. */
export const REGEX_SURFACE: Surface = defineSurface({
  name: 'regular expressions, 100 kB',
  inputs: attack,
  maxMs: MAX_MS * 2,
  async probe({ regex, prefix, pump, suffix }) {
    const unit = pump || 'a';
    sandbox.text = prefix + unit.repeat(Math.ceil(LENGTH / unit.length)) + suffix;
    sandbox.regex = new RegExp(regex.source, regex.flags);
    try {
      return run.runInContext(sandbox, { timeout: MAX_MS }) ? 'accepted' : 'refused';
    } catch (error) {
      throw new Violation('property', `/${regex.source}/ in ${regex.file}: ${error}`);
    }
  },
});
