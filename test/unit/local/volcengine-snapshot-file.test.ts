import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readTextFile, SnapshotFile } from '../../../local/volcengine/snapshot-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

let directory: string;

beforeEach(async () => {
  directory = await tempDir();
});

it('holds what was there when save was called, or later', async () => {
  const path = join(directory, 'nested', 'state.json');
  let value = 0;
  const file = new SnapshotFile(path, () => ({ value }));
  const saves: Promise<void>[] = [];
  for (let saved = 1; saved <= 20; saved += 1) {
    value = saved;
    saves.push(
      file.save().then(async () => {
        expect(JSON.parse(await readFile(path, 'utf8')).value).toBeGreaterThanOrEqual(saved);
      }),
    );
    await Promise.resolve();
  }
  await Promise.all(saves);
  expect(await readdir(join(directory, 'nested'))).toEqual(['state.json']);
});

it('writes once for changes that come together', async () => {
  let snapshots = 0;
  const file = new SnapshotFile(join(directory, 'state.json'), () => (snapshots += 1));
  await Promise.all([file.save(), file.save(), file.save()]);
  expect(snapshots).toBe(1);
  await file.save();
  expect(snapshots).toBe(2);
});

it('tells a failed write to those who wait for it, and tries again for the next', async () => {
  let broken = true;
  const path = join(directory, 'state.json');
  const file = new SnapshotFile(path, () => {
    if (broken) throw new Error('broken');
    return 'whole';
  });
  await expect(file.save()).rejects.toThrow('broken');
  broken = false;
  await file.save();
  expect(await readTextFile(path)).toBe('"whole"');
});

it('reads nothing where there is no file', async () => {
  expect(await readTextFile(join(directory, 'none.json'))).toBeUndefined();
});
