import type { Checkpoint, CheckpointStore } from '../../../lib/activation/model/ports.ts';

/** The port in a Map. Proven by the store's shared suite. */
export class InMemoryCheckpointStore implements CheckpointStore {
  readonly checkpoints = new Map<string, Checkpoint>();

  async read(name: string): Promise<Checkpoint> {
    return structuredClone(this.checkpoints.get(name)) ?? { version: 0 };
  }

  async save(name: string, previous: Checkpoint, cursor: string | undefined): Promise<boolean> {
    const { version } = await this.read(name);
    if (version !== previous.version) return false;
    this.checkpoints.set(name, { version: version + 1, ...(cursor !== undefined && { cursor }) });
    return true;
  }
}
