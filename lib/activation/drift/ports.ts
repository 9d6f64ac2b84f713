/** Where a walk through the table stopped, for the next invocation to go on. `version` 0: never written. */
export type Checkpoint = { cursor?: string; version: number };

export interface CheckpointStore {
  read(name: string): Promise<Checkpoint>;
  /** Conditional on the version read: of two walks at once, the first to stop counts. */
  save(name: string, previous: Checkpoint, cursor: string | undefined): Promise<boolean>;
}
