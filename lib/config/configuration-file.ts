import { readFile } from 'node:fs/promises';
import type { DisabledEntry } from '../activation/status/ports.ts';
import { repeatedKeys } from '../http/repeated-keys.ts';
import { type ConfigurationEntries, ConfigurationUnreadable } from './configuration-source.ts';

const KINDS: Readonly<Record<string, DisabledEntry['kind']>> = { accounts: 'account', policies: 'policy' };

/**
 * Reads the file `{"accounts": {alias: {…}}, "policies": {name: {…}}}`; both may be absent.
 * Throws ConfigurationUnreadable if there is no such file, or if it is not JSON of this form.
 */
export async function readConfigurationFile(path: string): Promise<ConfigurationEntries> {
  return parseConfiguration(await readText(path));
}

/** Throws ConfigurationUnreadable. */
export function parseConfiguration(text: string): ConfigurationEntries {
  const { accounts = {}, policies = {}, ...others } = parseObject(text);
  const groups = { accounts: objectAt(accounts, 'accounts'), policies: objectAt(policies, 'policies') };
  const unreadable: DisabledEntry[] = Object.keys(others).map((name) => ({
    kind: 'unknown',
    name,
    problems: ['is neither accounts nor policies'],
  }));
  const repeated = new Set<string>();
  for (const [group, name] of repeatedKeys(text)) {
    const kind = KINDS[String(group)];
    if (kind === undefined) continue;
    // The same two lists in one file: nobody can say which is meant.
    if (name === undefined) throw new ConfigurationUnreadable(`${group} is there twice`);
    repeated.add(`${group}/${name}`);
  }
  const textsOf = (group: keyof typeof groups) => {
    const texts = new Map<string, string>();
    for (const [name, value] of Object.entries(groups[group])) {
      if (!repeated.has(`${group}/${name}`)) texts.set(name, JSON.stringify(value));
      else {
        const problems = ['is there twice, or has an option twice'];
        unreadable.push({ kind: KINDS[group] ?? 'unknown', name, problems });
      }
    }
    return texts;
  };
  return { accounts: textsOf('accounts'), policies: textsOf('policies'), unreadable };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new ConfigurationUnreadable(`the file cannot be read${code}`);
  }
}

function parseObject(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigurationUnreadable('the file is not JSON');
  }
  return objectAt(json, 'the file');
}

function objectAt(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ConfigurationUnreadable(`${place} must be a JSON object`);
}
