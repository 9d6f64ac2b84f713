import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

const COPIED = [
  'package.json',
  'tsconfig.json',
  'lib',
  'functions',
  'events',
  'clients',
  'contracts',
  'scripts',
  'local',
  'infra',
  'serverless.yml',
  'test/simulation',
  'test/support',
  'test/fixtures/released',
];

/**
 * A copy of the code in a temporary directory with one place of it changed, for another process to run.
 * Throws when the original text does not occur exactly once: the mutant would prove nothing.
 */
export function createMutatedCopy(
  root: string,
  { file, original, mutated }: Mutant,
): { path: string; remove: () => void } {
  const source = readFileSync(join(root, file), 'utf8');
  const occurrences = source.split(original).length - 1;
  if (occurrences !== 1) {
    throw new Error(`${file} holds the text to be mutated ${occurrences} times, not once`);
  }

  const path = mkdtempSync(join(tmpdir(), 'mutant-'));
  for (const name of COPIED) cpSync(join(root, name), join(path, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
  writeFileSync(
    join(path, file),
    source.replace(original, () => mutated),
  );
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
