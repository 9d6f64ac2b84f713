import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory of its own for one test, or until `onEnd` says. Processes that were killed may still write there. */
export async function tempDir(onEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-test-'));
  onEnd(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return directory;
}
