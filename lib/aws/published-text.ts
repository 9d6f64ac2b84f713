import * as v from 'valibot';
import type { OutboxEntry, Publication } from '../activation/model/activation.ts';

/* In one short text, because a write costs per kilobyte: `s1@mjx2k9a1 c1@mjx2kd7x` is submitted#1 and completed#1, each
 * with its time in base 36. */

const LETTERS = {
  submitted: 's',
  completed: 'c',
  failed: 'f',
  'dead-letter': 'l',
  drifted: 'd',
} as const;
const NAMES = Object.fromEntries(Object.entries(LETTERS).map(([name, letter]) => [letter, name]));

const PUBLICATION = /^([scfld])(\d+)@([0-9a-z]{1,9})$/;

export function publishedText(published: readonly Publication[]): string {
  return published.map(({ entry, at }) => textOf(entry, at)).join(' ');
}

function textOf(entry: OutboxEntry, at: number): string {
  const [name, number] = entry.split('#');
  return `${LETTERS[name as keyof typeof LETTERS]}${number}@${at.toString(36)}`;
}

export const publishedSchema = v.pipe(
  v.string(),
  v.transform((text) => text.split(' ')),
  v.array(v.pipe(v.string(), v.regex(PUBLICATION))),
  v.transform((texts): Publication[] =>
    texts.map((text) => {
      const [, letter = '', number = '', at = ''] = PUBLICATION.exec(text) ?? [];
      return { entry: `${NAMES[letter]}#${number}` as OutboxEntry, at: Number.parseInt(at, 36) };
    }),
  ),
);
