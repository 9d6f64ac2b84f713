import type { Counts, PageRef, Row, Run, ScopeResult } from './run.ts';

/** How far a policy is. One record for each policy that has run. Times in ms since the epoch. */
export type PolicyState = {
  policy: string;
  version: number;
  /** Its latest run that has ended. */
  last?: Pick<Run, 'runId' | 'plannedAt' | 'finishedAt'> & { counts: Counts; unread: number };
  open?: OpenRun;
  /** The ids of runs whose events the bus has not stored yet. */
  unpublished?: string[];
};

/** A run that has not ended. Until `leaseUntil` another invocation works at it; 0: nobody does. */
export type OpenRun = {
  plannedAt: number;
  startedAt: number;
  leaseUntil: number;
  /** Of the policy as it was. */
  fingerprint: string;
  /** How often all was read, and something could not be. */
  tries?: number | undefined;
  /** What the invocations before this one have done. */
  scopes: ScopeResult[];
};

export type RunPage = { runs: Run[]; nextCursor?: string };

/** The states of policies, and their runs. Reads are strongly consistent. */
export interface RunStore {
  /** Those of all policies that have ever run, in ascending order of the name. */
  states(): Promise<PolicyState[]>;
  /** Conditional on the version; 0: there is none yet. False: another invocation has written. */
  saveState(next: PolicyState): Promise<boolean>;

  /** Writes the run, or returns the stored one and writes nothing. */
  createRun(run: Run): Promise<Run | undefined>;
  readRun(policy: string, runId: string): Promise<Run | undefined>;
  /** Newest first. A text that is no cursor throws InvalidCursor. */
  listRuns(policy: string, limit: number, cursor?: string): Promise<RunPage>;

  /** Stores rows under their id. They are kept as long as a run of now may need them. */
  putRows(policy: string, page: PageRef, rows: Row[]): Promise<void>;
  /** The rows of the pages, in order. A page that has expired has none. */
  readRows(policy: string, pages: readonly PageRef[]): Promise<Row[][]>;
}
