import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../../clients/cli/configuration/check-file.ts';
import { UsageError } from '../../../../clients/cli/failures.ts';
import { tempDir } from '../../../support/temp-dir.ts';

async function fileOf(content: unknown): Promise<string> {
  const path = join(await tempDir(), 'configuration.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const role = (via: string) => ({ assumeRole: { roleTrn: 'trn:iam::2100000001:role/flow-logs', via } });

describe('config check FILE', () => {
  test('names each entry that the service would disable, by its place and not by its value', async () => {
    const path = await fileOf({
      accounts: { good: role('default'), viaEnvironment: role('main'), bad: { accessKey: 'hunter2' } },
      policies: { all: { accounts: 'all', regions: [], every: '1h' } },
    });
    const environment = { VOLCENGINE_ACCOUNTS: JSON.stringify({ main: { secretId: 's' } }) };
    const { disabled } = await checkFile(path, environment);
    expect(disabled).toEqual([
      { kind: 'account', name: 'bad', problems: ['secretKey is missing'] },
      { kind: 'policy', name: 'all', problems: [expect.stringMatching(/^regions /)] },
    ]);
    expect(JSON.stringify(disabled)).not.toContain('hunter2');
  });

  test.each([
    ['a file that is not JSON', '{', 'the file is not JSON'],
    ['a list', [], 'the file must be a JSON object'],
  ])('%s is a wrong use', async (_what, content, why) => {
    const checked = checkFile(await fileOf(content), {});
    await expect(checked).rejects.toThrow(UsageError);
    await expect(checked).rejects.toThrow(why);
  });

  test('so is a file that is not there, and an environment that is wrong', async () => {
    await expect(checkFile('/no/such.json', {})).rejects.toThrow(
      '/no/such.json: the file cannot be read (ENOENT).',
    );
    const wrong = { VOLCENGINE_ACCOUNTS: '[]' };
    await expect(checkFile(await fileOf({}), wrong)).rejects.toThrow(
      'VOLCENGINE_ACCOUNTS must be a JSON object',
    );
  });
});
