import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfiguration, readConfigurationFile } from '../../../lib/config/configuration-file.ts';
import { ConfigurationUnreadable, configurationSettings } from '../../../lib/config/configuration-source.ts';
import { readSettings } from '../../../lib/config/settings.ts';
import { tempDir } from '../../support/temp-dir.ts';

const sourceOf = (text: string) =>
  readSettings(configurationSettings, { CONFIGURATION_SOURCE: text }).configurationSource;

describe('CONFIGURATION_SOURCE', () => {
  test('is nothing, a path of Parameter Store, or a file', () => {
    expect(sourceOf('')).toBeUndefined();
    expect(sourceOf('ssm:/flow-log-activator/dev')).toEqual({ kind: 'ssm', path: '/flow-log-activator/dev' });
    expect(sourceOf('file:/etc/my configuration.json')).toEqual({
      kind: 'file',
      path: '/etc/my configuration.json',
    });
  });

  test.each([
    '/etc/file.json',
    'file:file.json',
    'ssm:/',
    'ssm:name',
    'ssm:/a//b',
    'ssm:/a/*',
    'ssm:/a/',
    's3:/b',
  ])('%j is refused', (text) => {
    expect(() => sourceOf(text)).toThrow('CONFIGURATION_SOURCE must be ssm:/path or file:/path.json');
  });
});

describe('a configuration file', () => {
  const file = {
    accounts: { audit: { secretId: 's' }, broken: 7 },
    policies: { all: { regions: ['cn-beijing'] } },
  };

  test('is read as the JSON text of each entry, whatever it holds', async () => {
    const path = join(await tempDir(), 'configuration.json');
    await writeFile(path, JSON.stringify(file));
    expect(await readConfigurationFile(path)).toEqual({
      accounts: new Map([
        ['audit', '{"secretId":"s"}'],
        ['broken', '7'],
      ]),
      policies: new Map([['all', '{"regions":["cn-beijing"]}']]),
      unreadable: [],
    });
  });

  test('may have accounts or policies alone', () => {
    expect(parseConfiguration('{}')).toEqual({ accounts: new Map(), policies: new Map(), unreadable: [] });
    expect(parseConfiguration('{"accounts": {"a": {}}}').accounts).toEqual(new Map([['a', '{}']]));
  });

  test('names what is there twice, and what nobody reads; the others are read', () => {
    const text =
      '{"accounts": {"a": {"secretId": "x", "secretId": "y"}, "b": {}, "b": {}, "c": {}}, "policy": {}}';
    const twice = ['is there twice, or has an option twice'];
    expect(parseConfiguration(text)).toEqual({
      accounts: new Map([['c', '{}']]),
      policies: new Map(),
      unreadable: [
        { kind: 'unknown', name: 'policy', problems: ['is neither accounts nor policies'] },
        { kind: 'account', name: 'a', problems: twice },
        { kind: 'account', name: 'b', problems: twice },
      ],
    });
  });

  test.each([
    ['no JSON', '{', 'the file is not JSON'],
    ['a list', '[]', 'the file must be a JSON object'],
    ['accounts in a list', '{"accounts": []}', 'accounts must be a JSON object'],
    ['two lists of accounts', '{"accounts": {}, "accounts": {}}', 'accounts is there twice'],
  ])('%s is unreadable as a whole', (_what, text, problem) => {
    expect(() => parseConfiguration(text)).toThrow(ConfigurationUnreadable);
    expect(() => parseConfiguration(text)).toThrow(problem);
  });

  test('one that does not exist is unreadable, with the code of the system', async () => {
    const path = join(await tempDir(), 'nothing.json');
    await expect(readConfigurationFile(path)).rejects.toThrow('the file cannot be read (ENOENT)');
  });
});
