import { describe, expect, test } from 'vitest';
import {
  describeFault,
  type Fault,
  isOf,
  SWITCHES,
  withoutSwitch,
} from '../../../../clients/console/model/faults.ts';
import { startFakeVolcengine } from '../../../../local/volcengine/start-fake-volcengine.ts';

const planned = (fault: Fault) => ({ faultId: 1, fault, strikes: 0 });

describe('the switches', () => {
  test('are faults that the fake takes, and each is found again in what it lists', async () => {
    const fake = await startFakeVolcengine({});
    try {
      const response = await fetch(`${fake.url}/_fake/faults`, {
        method: 'POST',
        body: JSON.stringify(SWITCHES.map(({ fault }) => fault)),
      });
      const { faults } = (await response.json()) as { faults: ReturnType<typeof planned>[] };
      expect(faults.map((each) => SWITCHES.findIndex((one) => isOf(each, one)))).toEqual([
        ...SWITCHES.keys(),
      ]);
    } finally {
      await fake.close();
    }
  });

  test.each(SWITCHES.map((one) => [one.name, one] as const))(
    '"%s" turned off leaves the others',
    (_name, one) => {
      const all = SWITCHES.map(({ fault }) => planned(fault));
      expect(withoutSwitch(all, one)).toEqual(
        SWITCHES.filter((other) => other !== one).map(({ fault }) => fault),
      );
    },
  );

  test('are not a fault for some flow logs or calls only', () => {
    const [one] = SWITCHES;
    if (one === undefined) throw new Error('there are no switches');
    expect(isOf(planned({ ...one.fault, flowLogId: 'fl-1' }), one)).toBe(false);
    expect(isOf(planned({ ...one.fault, nth: [1] }), one)).toBe(false);
  });
});

test('a fault is described by what narrows it', () => {
  const fault = {
    kind: 'error',
    code: 'InternalError',
    action: 'ActiveFlowLog',
    flowLogId: 'fl-*',
    nth: [1, 2],
  };
  expect(describeFault(fault)).toBe('error InternalError of ActiveFlowLog for fl-* call 1, 2');
});
