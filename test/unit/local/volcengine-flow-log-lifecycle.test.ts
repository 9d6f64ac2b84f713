import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type FlowLog, type FlowLogSeed, FlowLogSeedSchema } from '../../../local/volcengine/flow-log.ts';
import { becomeStatus, createFlowLog, settle } from '../../../local/volcengine/flow-log-lifecycle.ts';

const START = 1_000_000;

function flowLogOf(seed: Partial<FlowLogSeed>): FlowLog {
  const whole = v.parse(FlowLogSeedSchema, { region: 'r', flowLogId: 'fl-1', ...seed });
  return createFlowLog(whole, 'default', START);
}

/** Each status at its time after the start, asked at every millisecond named. */
function courseOf(flowLog: FlowLog, ...afterMs: number[]): string[] {
  return afterMs.map((ms) => {
    settle(flowLog, START + ms);
    return `${ms} ${flowLog.status}`;
  });
}

describe('settle', () => {
  const pending = { status: 'Pending', pendingMs: 10 } as const;
  const active = { afterMs: 5, status: 'Active' } as const;
  const deleting = { afterMs: 5, status: 'Deleting' } as const;
  const absent = { afterMs: 9, status: 'Absent' } as const;
  const thawing = [
    { afterMs: 5, frozen: true },
    { afterMs: 50, frozen: false },
  ];
  const creating: Partial<FlowLogSeed> = { status: 'Creating', plan: [{ afterMs: 5, status: 'Inactive' }] };

  it.each<[string, Partial<FlowLogSeed>, string[]]>([
    ['stays as it is', {}, ['0 Inactive', '99999 Inactive']],
    ['is seeded Pending', pending, ['9 Pending', '10 Active']],
    ['is Creating for a while', creating, ['4 Creating', '5 Inactive']],
    ['is activated by someone else', { plan: [active] }, ['4 Inactive', '5 Active']],
    ['is deleted', { status: 'Active', plan: [deleting, absent] }, ['4 Active', '8 Deleting', '9 Absent']],
    [
      'is deleted while Pending',
      { ...pending, plan: [deleting] },
      ['4 Pending', '5 Deleting', '10 Deleting'],
    ],
    ['fails instead of becoming Active', { ...pending, activatesTo: 'Failed' }, ['9 Pending', '10 Failed']],
    [
      'freezes while Pending, and goes on afterwards',
      { ...pending, plan: thawing },
      ['49 Pending', '59 Pending', '60 Active'],
    ],
    ['is planned out of order', { plan: [absent, active] }, ['4 Inactive', '5 Active', '9 Absent']],
  ])('%s', (_, seed, course) => {
    const times = course.map((step) => Number.parseInt(step, 10));
    expect(courseOf(flowLogOf(seed), ...times)).toEqual(course);
  });

  it('comes to the same whether it is asked once or often', () => {
    const seed: Partial<FlowLogSeed> = {
      ...pending,
      plan: [
        { afterMs: 20, status: 'Inactive' },
        { afterMs: 25, status: 'Pending' },
        { afterMs: 30, frozen: true },
        { afterMs: 40, frozen: false },
      ],
    };
    const often = flowLogOf(seed);
    for (let ms = 0; ms <= 100; ms += 1) settle(often, START + ms);
    const once = flowLogOf(seed);
    settle(once, START + 100);
    expect(once).toEqual(often);
    expect(once).toMatchObject({ status: 'Active', activeAt: START + 50, pendingAt: START + 25 });
  });

  it('records when it turned Active, not when it was looked at', () => {
    const flowLog = flowLogOf({ pendingMs: 10 });
    becomeStatus(flowLog, 'Pending', START + 5);
    settle(flowLog, START + 5000);
    expect(flowLog).toMatchObject({ pendingAt: START + 5, activeAt: START + 15, updatedAt: START + 15 });
    expect(flowLog).not.toHaveProperty('pendingUntil');
  });
});
