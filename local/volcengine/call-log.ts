/** One call of the API, written when its end is known. */
export type CallEntry = {
  /** From 1, without a gap. */
  seq: number;
  /** When the request was read, in milliseconds since the epoch. */
  at: number;
  requestId: string;
  /** These are absent for a request without a signature, and for one whose signature was refused. */
  account?: string;
  region?: string;
  accessKey?: string;
  userAgent?: string;
  action: string;
  flowLogIds: string[];
  clientToken?: string;
  /** Of AssumeRole and AssumeRoleWithOIDC. */
  roleTrn?: string;
  /** Null if no reply was sent (a reset, a hang). */
  httpStatus: number | null;
  /** The code of the error that was returned, or that would have been returned if the reply had not been lost. */
  code?: string;
  /** The kind of the injected fault. */
  fault?: string;
  /** The call took a flow log from Inactive to Pending, whether or not its reply arrived. */
  effective: boolean;
};

const KEPT_CALLS = 10_000;

/** The latest calls, in memory only. */
export class CallLog {
  #entries: CallEntry[] = [];
  #lastSeq = 0;

  add(entry: Omit<CallEntry, 'seq'>): void {
    this.#lastSeq += 1;
    this.#entries.push({ seq: this.#lastSeq, ...entry });
    if (this.#entries.length >= 2 * KEPT_CALLS) this.#entries = this.#entries.slice(-KEPT_CALLS);
  }

  /** Those with a higher seq, oldest first. */
  since(seq: number): CallEntry[] {
    return this.#entries.filter((entry) => entry.seq > seq);
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  clear(): void {
    this.#entries = [];
  }
}
