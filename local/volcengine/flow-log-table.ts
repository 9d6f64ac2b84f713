import * as v from 'valibot';
import { type FlowLog, FlowLogIdSchema, FlowLogSeedSchema } from './flow-log.ts';
import { createFlowLog, settle } from './flow-log-lifecycle.ts';
import { matchesIdPattern } from './id-pattern.ts';

export type FlowLogScope = { account: string; region: string };

export type AutoCreate = { pattern: string; pendingMs: number };

/** Every flow log that it returns is up to date: everything that is due has been applied. */
export class FlowLogTable {
  /** Flow logs that fit are created Inactive when they are first asked for by id. */
  autoCreate: AutoCreate | undefined;
  readonly #now: () => number;
  readonly #byScope = new Map<string, Map<string, FlowLog>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  put(flowLog: FlowLog): void {
    const key = keyOf(flowLog);
    const scope = this.#byScope.get(key) ?? new Map<string, FlowLog>();
    scope.set(flowLog.flowLogId, flowLog);
    this.#byScope.set(key, scope);
  }

  /** Includes `Absent` ones. */
  find(scope: FlowLogScope, flowLogId: string): FlowLog | undefined {
    const flowLog = this.#byScope.get(keyOf(scope))?.get(flowLogId);
    if (flowLog !== undefined) settle(flowLog, this.#now());
    return flowLog;
  }

  /** Returns what the API shows for this id. */
  findVisible(scope: FlowLogScope, flowLogId: string): { flowLog: FlowLog; created: boolean } | undefined {
    const known = this.find(scope, flowLogId);
    if (known !== undefined)
      return known.status === 'Absent' ? undefined : { flowLog: known, created: false };
    const { autoCreate } = this;
    if (autoCreate === undefined || !v.is(FlowLogIdSchema, flowLogId)) return undefined;
    if (!matchesIdPattern(autoCreate.pattern, flowLogId)) return undefined;
    const seed = v.parse(FlowLogSeedSchema, {
      region: scope.region,
      flowLogId,
      pendingMs: autoCreate.pendingMs,
    });
    const flowLog = createFlowLog(seed, scope.account, this.#now());
    this.put(flowLog);
    return { flowLog, created: true };
  }

  /** Returns what the API shows in this scope, in no order. */
  listVisible(scope: FlowLogScope): FlowLog[] {
    const flowLogs = [...(this.#byScope.get(keyOf(scope))?.values() ?? [])];
    for (const flowLog of flowLogs) settle(flowLog, this.#now());
    return flowLogs.filter((flowLog) => flowLog.status !== 'Absent');
  }

  /** Returns everything, including `Absent` ones, sorted by account, region and id. */
  list(): FlowLog[] {
    const flowLogs = [...this.#byScope.values()].flatMap((scope) => [...scope.values()]);
    for (const flowLog of flowLogs) settle(flowLog, this.#now());
    return flowLogs.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }

  clear(): void {
    this.#byScope.clear();
  }
}

function keyOf({ account, region }: FlowLogScope): string {
  return `${account} ${region}`;
}

function sortKey(flowLog: FlowLog): string {
  return `${keyOf(flowLog)} ${flowLog.flowLogId}`;
}
