import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startDynamoDb } from '../../../local/cloud/dynamodb-emulator.ts';
import { createDataDir } from '../../../local/data-dir.ts';
import { lockDataDir } from '../../../local/data-dir-lock.ts';
import { startFakeVolcengine } from '../../../local/volcengine/start-fake-volcengine.ts';
import { tempDir } from '../../support/temp-dir.ts';

let directory: string;
beforeEach(async () => {
  directory = await tempDir();
});

test('it is created with those above it, and may be there already', async () => {
  const path = join(directory, 'a/b/c');
  await Promise.all([createDataDir(path), createDataDir(path)]);
  await createDataDir(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('what cannot be one is refused at once, by its name, with what to do', async () => {
  await writeFile(join(directory, 'file'), '');
  const file = join(directory, 'file');
  await expect(createDataDir(join(file, 'x'))).rejects.toThrow(
    `The data directory ${file}/x cannot be used: ${file} is not a directory. Set DATA_DIR to a directory`,
  );
  await expect(createDataDir(file)).rejects.toThrow(`${file} is not a directory`);
  await expect(createDataDir(`${file}/\u001b[31m\n`)).rejects.toThrow(
    `${file}/\\u001b[31m\\u000a cannot be used`,
  );
});

test.each(['itself', 'nowhere'])('a link to %s is called one, also above it', async (target) => {
  const link = join(directory, 'itself');
  await symlink(join(directory, target), link);
  for (const path of [link, join(link, 'x')]) {
    await expect(createDataDir(path)).rejects.toThrow(
      `The data directory ${path} cannot be used: ${link} is a link that leads to no directory. Set DATA_DIR`,
    );
  }
});

test('a file in the place of its folders is called one', async () => {
  await writeFile(join(directory, 'locks'), '');
  await writeFile(join(directory, 'dynamodb'), '');
  await expect(lockDataDir(directory, 'local')).rejects.toThrow(`${directory}/locks is not a directory`);
  await expect(startDynamoDb(directory)).rejects.toThrow(
    `${directory}/dynamodb cannot be read: ${directory}/dynamodb is not a directory. If it is damaged`,
  );
});

test.runIf(process.platform === 'linux')('under /proc, too', async () => {
  await expect(createDataDir('/proc/x/y')).rejects.toThrow(
    'The data directory /proc/x/y cannot be used: ENOENT',
  );
});

describe('data that is damaged is named, with what to do', () => {
  test.each(['xx{', '{"version":1}', 'null', ''])('volcengine.json: %s', async (content) => {
    await writeFile(join(directory, 'volcengine.json'), content);
    await expect(startFakeVolcengine({ dataDir: directory })).rejects.toThrow(
      /^\S+\/volcengine\.json cannot be read: .+ If it is damaged, put a copy of it back, or move it away/,
    );
  });

  /** A store with records in its table files and in its log. */
  async function fillStore(): Promise<string> {
    const path = join(directory, 'dynamodb');
    // What is found in the log goes into a table file.
    for (const name of ['a', 'b']) {
      const store = new Level<string, unknown>(path, { valueEncoding: 'json' });
      await store.batch(
        Array.from({ length: 200 }, (_, index) => ({
          type: 'put' as const,
          key: `item-T~${name}${index}`,
          value: { S: `${name}${Math.random()}` },
        })),
      );
      await store.close();
    }
    return path;
  }

  async function damage(path: string, name: RegExp, from = 0): Promise<void> {
    const names = (await readdir(path)).filter((each) => name.test(each));
    expect(names).not.toEqual([]);
    for (const each of names) {
      const bytes = await readFile(join(path, each));
      await writeFile(join(path, each), bytes.fill(0x5a, from, Math.ceil(bytes.length / 2)));
    }
  }

  async function complaintsOfStart(): Promise<string> {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => complain.mockRestore());
    await (await startDynamoDb(directory)).close();
    return complain.mock.calls.flat().join();
  }

  test.each([/^CURRENT$/, /^MANIFEST/, /\.ldb$/])('the table: %s', async (name) => {
    const path = await fillStore();
    await damage(path, name);
    await expect(startDynamoDb(directory)).rejects.toThrow(
      /^\S+\/dynamodb cannot be read: .+ If it is damaged, put a copy of it back, or move it away/,
    );
  });

  test('the table: what LevelDB drops of its log is told of', async () => {
    const path = await fillStore();
    // Behind the head of its first record, or it is taken for one that was never written whole.
    await damage(path, /\.log$/, 20);
    expect(await complaintsOfStart()).toMatch(
      /\/dynamodb was damaged, .* is lost: .*\.log: dropping \d+ bytes/,
    );
  });

  test('the table: in order, nothing is said', async () => {
    await fillStore();
    expect(await complaintsOfStart()).toBe('');
  });
});
