import * as v from 'valibot';
import { ClientTokens, TokenRecordSchema } from './client-tokens.ts';
import { type FlowLog, FlowLogSchema } from './flow-log.ts';
import { FlowLogTable } from './flow-log-table.ts';

export const SnapshotSchema = v.strictObject({
  version: v.literal(1, 'is not 1: another version of this project has written it, and can read it'),
  requests: v.number(),
  flowLogs: v.array(FlowLogSchema),
  tokens: v.array(TokenRecordSchema),
});

export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

/** The state of the fake. With a data directory, it outlives the process. */
export class CloudState {
  readonly now: () => number;
  readonly flowLogs: FlowLogTable;
  tokens = new ClientTokens();
  /** Flow logs that a call is working on. Not kept: a call does not outlive the process. */
  readonly busy = new Set<FlowLog>();
  /** Grows with every change that a reply depends on. */
  revision = 0;
  #requests = 0;

  constructor(now: () => number) {
    this.now = now;
    this.flowLogs = new FlowLogTable(now);
  }

  /** In the form of Volcengine's ids: the time, then hexadecimal digits. */
  nextRequestId(): string {
    this.#requests += 1;
    const time = new Date(this.now()).toISOString().replace(/\D/g, '').slice(0, 14);
    return `${time}${this.#requests.toString(16).toUpperCase().padStart(18, '0')}`;
  }

  snapshot(): Snapshot {
    return {
      version: 1,
      requests: this.#requests,
      flowLogs: this.flowLogs.list(),
      tokens: this.tokens.list(),
    };
  }

  restore(snapshot: Snapshot): void {
    this.#requests = snapshot.requests;
    for (const flowLog of snapshot.flowLogs) this.flowLogs.put(flowLog);
    for (const token of snapshot.tokens) this.tokens.remember(token);
  }

  /** Request ids are not reset: they stay unique. */
  clear(): void {
    this.flowLogs.clear();
    this.tokens = new ClientTokens();
    this.busy.clear();
    this.revision += 1;
  }
}
