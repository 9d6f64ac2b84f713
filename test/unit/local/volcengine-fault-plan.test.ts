import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type FaultInput, FaultSchema } from '../../../local/volcengine/fault.ts';
import { type FaultCandidate, FaultPlan } from '../../../local/volcengine/fault-plan.ts';

const CALL: FaultCandidate = { account: 'a', region: 'r', action: 'ActiveFlowLog', flowLogIds: ['fl-1'] };

function planOf(...faults: FaultInput[]): FaultPlan {
  const plan = new FaultPlan();
  for (const fault of faults) plan.add(v.parse(FaultSchema, fault));
  return plan;
}

/** `x` where the fault strikes. */
function courseOf(plan: FaultPlan, calls: FaultCandidate[]): string {
  return calls.map((call) => (plan.pick(call) === undefined ? '.' : 'x')).join('');
}

describe('pick', () => {
  it.each<[Omit<Extract<FaultInput, { kind: 'reset' }>, 'kind'>, string]>([
    [{}, 'xxxxx'],
    [{ nth: [1, 3] }, 'x.x..'],
    [{ times: 2 }, 'xx...'],
    [{ nth: [2, 3, 4], times: 2 }, '.xx..'],
    [{ probability: 0 }, '.....'],
    [{ flowLogId: 'fl-1' }, 'xxxxx'],
    [{ flowLogId: 'fl-*' }, 'xxxxx'],
    [{ flowLogId: '*-1' }, 'xxxxx'],
    [{ flowLogId: 'fl' }, '.....'],
    [{ flowLogId: 'fl-10' }, '.....'],
    [{ action: 'DescribeFlowLogs' }, '.....'],
    [{ account: 'b' }, '.....'],
    [{ region: 's' }, '.....'],
  ])('of five equal calls, %j strikes %s', (selection, course) => {
    expect(courseOf(planOf({ kind: 'reset', ...selection }), Array(5).fill(CALL))).toBe(course);
  });

  it('counts each flow log by itself if it is told to', () => {
    const calls = ['fl-1', 'fl-2', 'fl-1', 'fl-3', 'fl-2', 'fl-1'].map((id) => ({
      ...CALL,
      flowLogIds: [id],
    }));
    expect(courseOf(planOf({ kind: 'reset', nth: [1], perFlowLog: true }), calls)).toBe('xx.x..');
    expect(courseOf(planOf({ kind: 'reset', times: 2, perFlowLog: true }), calls)).toBe('xxxxx.');
  });

  it('strikes the same calls for the same seed, about as many as probable', () => {
    const course = (seed: number) =>
      courseOf(planOf({ kind: 'reset', probability: 0.3, seed }), Array(1000).fill(CALL));
    expect(course(7)).toBe(course(7));
    expect(course(7)).not.toBe(course(8));
    const strikes = course(7).replaceAll('.', '').length;
    expect(strikes).toBeGreaterThan(250);
    expect(strikes).toBeLessThan(350);
  });

  it('lets the first that strikes decide, while the others count on', () => {
    const plan = planOf({ kind: 'reset', nth: [1] }, { kind: 'hang', nth: [2] });
    expect([plan.pick(CALL)?.kind, plan.pick(CALL)?.kind, plan.pick(CALL)?.kind]).toEqual([
      'reset',
      'hang',
      undefined,
    ]);
    expect(plan.list()).toMatchObject([
      { fits: 3, strikes: 1 },
      { fits: 3, strikes: 1 },
    ]);
  });
});
