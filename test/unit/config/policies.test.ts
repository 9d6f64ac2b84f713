import { expect, test } from 'vitest';
import { parsePolicy } from '../../../lib/config/policies.ts';

const minimal = { accounts: 'all', regions: ['cn-beijing'], every: '1h' };
const parse = (change: object = {}, name = 'keep-active') =>
  parsePolicy(name, JSON.stringify({ ...minimal, ...change }));
const problemsOf = (change: object, name?: string) => parse(change, name).problems ?? [];

test('a policy of three fields tells, and wants Active', () => {
  expect(parse().policy).toEqual({
    name: 'keep-active',
    accounts: 'all',
    regions: ['cn-beijing'],
    selector: {},
    exclusions: [],
    desired: 'Active',
    repair: 'tell',
    everyMs: 3_600_000,
  });
});

test('each mistake is named, also of several fields that there are not', () => {
  expect(
    problemsOf({ reapir: 'tell', selektor: {}, every: 1, selector: { status: [], region: 'x' } }).sort(),
  ).toEqual([
    expect.stringMatching(/^every must be a time/),
    'reapir is not an option',
    'selector.region is not an option',
    'selector.status is not an option',
    'selektor is not an option',
  ]);
});

test('a policy of all fields', () => {
  const { policy } = parse({
    accounts: ['default', 'security'],
    selector: { name: 'prod-*', tags: { env: 'prod', owner: true } },
    exclusions: [
      { flowLogIds: ['fl-1'], reason: 'migration', until: '2026-12-31' },
      { tags: { lab: true }, account: 'default', reason: 'lab', until: '2026-12-31T12:00:00+08:00' },
    ],
    repair: 'activate',
    every: '15m',
    window: { days: ['mon'], from: '22:00', to: '05:00', timeZone: 'Asia/Shanghai' },
  });
  expect(policy).toMatchObject({
    selector: { name: 'prod-*', tags: { env: ['prod'], owner: true } },
    exclusions: [
      { flowLogIds: ['fl-1'], reason: 'migration', until: Date.parse('2027-01-01T00:00:00Z') },
      { tags: { lab: true }, account: 'default', until: Date.parse('2026-12-31T04:00:00Z') },
    ],
    repair: 'activate',
    everyMs: 900_000,
    window: { days: ['mon'], from: '22:00', to: '05:00', timeZone: 'Asia/Shanghai' },
  });
});

test.each([
  [{ every: '4m' }, 'every must be a time from 5m'],
  [{ every: '31d' }, 'every must be a time from 5m'],
  [{ every: '1w' }, 'every must be a time from 5m'],
  [{ regions: [] }, 'regions must be a list of 1'],
  [{ regions: ['Beijing'] }, 'regions.0 must be a region'],
  [{ accounts: 'some' }, 'accounts must be "all"'],
  [{ accounts: [] }, 'accounts must be'],
  [{ selector: { region: 'cn-beijing' } }, 'selector.region is not an option'],
  [{ exclusions: [{ reason: 'because' }] }, 'exclusions.0 must say what it excludes'],
  [{ exclusions: [{ tags: {}, reason: 'because' }] }, 'exclusions.0 must say what it excludes'],
  [{ exclusions: [{ name: 'x' }] }, 'exclusions.0.reason'],
  [{ exclusions: [{ name: 'x', reason: 'y', until: 'soon' }] }, 'exclusions.0.until must be a date'],
  [{ exclusions: [{ name: 'x', reason: 'y', until: '2026-13-01' }] }, 'exclusions.0.until must be a date'],
  [{ desired: 'Off' }, 'desired must be one of Active, Inactive'],
  [{ repair: 'deactivate' }, 'repair can be deactivate only with the desired state Inactive'],
  [{ desired: 'Inactive', repair: 'activate' }, 'repair can be activate only with the desired state Active'],
  [{ window: {} }, 'window must have days'],
  [{ window: { from: '22:00', to: '22:00' } }, 'window must not begin when it ends'],
  [{ window: { from: '24:00' } }, 'window.from must be a time of day'],
  [{ window: { from: '22:00', timeZone: 'Mars/Base' } }, 'window.timeZone must be a time zone'],
  [{ repairs: 'tell' }, 'repairs is not an option'],
])('%o is refused: %s', (change, problem) => {
  expect(problemsOf(change).join('; ')).toContain(problem);
});

test.each(['Keep', 'keep active', '-keep', 'keep-', '', 'a/b', 'a#b', '=cmd', 'ü', 'a'.repeat(65)])(
  'the name %j is refused',
  (name) => {
    expect(problemsOf({}, name).join()).toContain('the name must be');
  },
);

test('an account or a region that is named twice counts once', () => {
  const { policy } = parse({ accounts: ['a', 'b', 'a'], regions: ['cn-beijing', 'cn-beijing'] });
  expect(policy).toMatchObject({ accounts: ['a', 'b'], regions: ['cn-beijing'] });
});

test('a policy that wants Inactive tells, unless it says deactivate', () => {
  expect(parse({ desired: 'Inactive' }).policy).toMatchObject({ desired: 'Inactive', repair: 'tell' });
  const off = { desired: 'Inactive', repair: 'deactivate' };
  expect(parse(off).policy).toMatchObject(off);
});

test('what is no JSON, or has a key twice, is refused, and no value is repeated', () => {
  expect(parsePolicy('keep-active', '{').problems).toEqual(['must be JSON']);
  expect(parsePolicy('keep-active', '{"every": "1h", "every": "2h"}').problems).toContain(
    'every is there twice',
  );
  expect(problemsOf({ every: 'AKLsecret', accounts: ['AKL/secret'] }).join()).not.toContain('secret');
});
