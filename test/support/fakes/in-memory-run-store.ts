import { InvalidCursor } from '../../../lib/activation/model/errors.ts';
import type { PolicyState, RunStore } from '../../../lib/activation/policies/ports.ts';
import { type PageRef, type Row, RUN_ID, type Run } from '../../../lib/activation/policies/run.ts';

/** The port in Maps: every record copied in and out. Proven by the store's shared suite. */
export class InMemoryRunStore implements RunStore {
  readonly stored = new Map<string, PolicyState>();
  readonly runs = new Map<string, Run>();
  readonly pages = new Map<string, Row[]>();
  /** Each write by what it wrote. */
  readonly writes: string[] = [];

  async states() {
    return [...this.stored.values()]
      .map((each) => structuredClone(each))
      .sort((a, b) => (a.policy < b.policy ? -1 : 1));
  }

  async saveState(next: PolicyState) {
    if ((this.stored.get(next.policy)?.version ?? 0) !== next.version - 1) return false;
    this.writes.push('state');
    this.stored.set(next.policy, structuredClone(next));
    return true;
  }

  async createRun(run: Run) {
    const key = `${run.policy} ${run.runId}`;
    const existing = this.runs.get(key);
    if (existing) return structuredClone(existing);
    this.writes.push('run');
    this.runs.set(key, structuredClone(run));
    return undefined;
  }

  async readRun(policy: string, runId: string) {
    return structuredClone(this.runs.get(`${policy} ${runId}`));
  }

  async listRuns(policy: string, limit: number, cursor?: string) {
    if (cursor !== undefined && !RUN_ID.test(cursor)) throw new InvalidCursor();
    const all = [...this.runs.values()]
      .filter((run) => run.policy === policy && (cursor === undefined || run.runId < cursor))
      .sort((a, b) => (a.runId > b.runId ? -1 : 1));
    const runs = structuredClone(all.slice(0, limit));
    const last = runs.at(-1);
    return { runs, ...(all.length > limit && last && { nextCursor: last.runId }) };
  }

  async putRows(policy: string, page: PageRef, rows: Row[]) {
    this.writes.push('rows');
    this.pages.set(`${policy} ${page.id}`, structuredClone(rows));
  }

  async readRows(policy: string, pages: readonly PageRef[]) {
    return pages.map(({ id }) => structuredClone(this.pages.get(`${policy} ${id}`) ?? []));
  }
}
