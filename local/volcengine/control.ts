import * as v from 'valibot';
import type { CallEntry } from './call-log.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { FaultSchema } from './fault.ts';
import type { FaultReport } from './fault-plan.ts';
import { type FlowLog, FlowLogSeedSchema } from './flow-log.ts';
import { createFlowLog, isFrozen } from './flow-log-lifecycle.ts';
import { applySettings, requireAccount, type Settings, SettingsSchema, showSettings } from './settings.ts';
import { parseInput } from './validation.ts';

export type SeededFlowLog = FlowLog & { frozen: boolean };

export type FlowLogQuery = {
  account?: string | undefined;
  region?: string | undefined;
  flowLogId?: string | undefined;
};

/** Controls the fake itself, over HTTP or in the same process. Input is `unknown`. Throws InvalidInput. */
export class Control {
  readonly #cloud: FakeCloud;
  readonly #initial: { settings: Settings; seeds: unknown };

  /** Applies the initial settings and seeds; a flow log that the state already has is not seeded again. */
  constructor(cloud: FakeCloud, initial: { settings: Settings; seeds: unknown }) {
    this.#cloud = cloud;
    this.#initial = initial;
    applySettings(cloud, initial.settings);
    this.#put(initial.seeds, { keepKnown: true });
  }

  /** One or many. Each replaces the flow log with its id, including the counters. */
  async seed(input: unknown): Promise<SeededFlowLog[]> {
    const seeded = this.#put(input, { keepKnown: false });
    await this.#cloud.persist();
    return seeded.map(show);
  }

  flowLogs(query: FlowLogQuery = {}): SeededFlowLog[] {
    const { account, region, flowLogId } = query;
    return this.#cloud.state.flowLogs
      .list()
      .filter(
        (flowLog) =>
          (account ?? flowLog.account) === flowLog.account &&
          (region ?? flowLog.region) === flowLog.region &&
          (flowLogId ?? flowLog.flowLogId) === flowLog.flowLogId,
      )
      .map(show);
  }

  /** One or many. */
  addFaults(input: unknown): FaultReport[] {
    const faults = parseMany(FaultSchema, input, 'faults');
    for (const [index, { account }] of faults.entries()) {
      if (account !== undefined) requireAccount(this.#cloud, account, `faults.${index}.account`);
    }
    return faults.map((fault) => this.#cloud.faults.add(fault));
  }

  faults(): FaultReport[] {
    return this.#cloud.faults.list();
  }

  clearFaults(): void {
    this.#cloud.faults.clear();
  }

  sessions(): { accessKey: string; account: string; roleTrn: string; expired: boolean }[] {
    const nowMs = this.#cloud.state.now() + this.#cloud.clockSkewMs;
    return this.#cloud.sessions.list().map(({ accessKey, account, roleTrn, expiresAt }) => ({
      accessKey,
      account,
      roleTrn,
      expired: nowMs >= expiresAt,
    }));
  }

  expireSessions(): void {
    this.#cloud.sessions.expire();
  }

  async changeSettings(input: unknown): Promise<Record<string, unknown>> {
    applySettings(this.#cloud, parseInput(SettingsSchema, input, 'settings'));
    await this.#cloud.persist();
    return this.settings();
  }

  settings(): Record<string, unknown> {
    return showSettings(this.#cloud);
  }

  calls(since = 0): CallEntry[] {
    return this.#cloud.calls.since(since);
  }

  get lastSeq(): number {
    return this.#cloud.calls.lastSeq;
  }

  /** Restores the start: no faults, calls, tokens or sessions; the first settings, credentials and flow logs. */
  async reset(): Promise<void> {
    const { state, faults, calls, credentials, roles, sessions, throttle } = this.#cloud;
    state.clear();
    faults.clear();
    calls.clear();
    credentials.reset();
    roles.configure(undefined);
    sessions.clear();
    throttle.configure(undefined);
    state.flowLogs.autoCreate = undefined;
    this.#cloud.clockSkewMs = 0;
    this.#cloud.describe = {};
    applySettings(this.#cloud, this.#initial.settings);
    this.#put(this.#initial.seeds, { keepKnown: false });
    await this.#cloud.persist();
  }

  #put(input: unknown, { keepKnown }: { keepKnown: boolean }): FlowLog[] {
    const { state, credentials } = this.#cloud;
    const flowLogs = parseMany(FlowLogSeedSchema, input, 'flowLogs').map((seed, index) => {
      const account = requireAccount(
        this.#cloud,
        seed.account ?? credentials.defaultAccount,
        `flowLogs.${index}.account`,
      );
      return createFlowLog(seed, account, state.now());
    });
    for (const flowLog of flowLogs) {
      if (!keepKnown || state.flowLogs.find(flowLog, flowLog.flowLogId) === undefined) {
        state.flowLogs.put(flowLog);
      }
    }
    return flowLogs;
  }
}

function parseMany<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  name: string,
): v.InferOutput<Schema>[] {
  return Array.isArray(input)
    ? parseInput(v.array(schema), input, name)
    : parseInput(v.array(schema), [input], name);
}

/** Returns a copy, so that only calls change the state. */
function show(flowLog: FlowLog): SeededFlowLog {
  return { ...structuredClone(flowLog), frozen: isFrozen(flowLog) };
}
