/** Where a scan of the table stopped. The next invocation continues there. `version` 0: never written. */
export type Checkpoint = { cursor?: string; version: number };

export interface CheckpointStore {
  read(name: string): Promise<Checkpoint>;
  /** Conditional on `previous.version`: of two scans at the same time, the first to end saves its position. */
  save(name: string, previous: Checkpoint, cursor: string | undefined): Promise<boolean>;
}
