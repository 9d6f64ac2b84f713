import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Changes within this time share one write. */
const WRITE_DELAY_MS = 20;

/** A file with the latest snapshot. It is whole at every moment, because a new file replaces it by a rename. */
export class SnapshotFile {
  readonly #path: string;
  readonly #takeSnapshot: () => unknown;
  #scheduled: Promise<void> | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(path: string, takeSnapshot: () => unknown) {
    this.#path = path;
    this.#takeSnapshot = takeSnapshot;
  }

  /** Resolves when a snapshot taken after this call is on disk. Throws what the file system throws. */
  save(): Promise<void> {
    this.#scheduled ??= this.#schedule();
    return this.#scheduled;
  }

  async #schedule(): Promise<void> {
    await Promise.allSettled([sleep(WRITE_DELAY_MS), this.#lastWrite]);
    // This snapshot may miss later changes. They belong to the next one.
    this.#scheduled = undefined;
    const write = this.#write();
    this.#lastWrite = write;
    await write;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify(this.#takeSnapshot());
    const temporary = `${this.#path}.tmp`;
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFile(temporary, text, { flush: true });
    await rename(temporary, this.#path);
  }
}

/** Undefined if there is no such file. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
