import { describe, expect, test } from 'vitest';
import { accountSettings, accountsOf, scopeCheckOf } from '../../../lib/config/accounts.ts';
import { entriesOf } from '../../../lib/config/configuration-parameters.ts';
import {
  type ConfigurationEntries,
  ConfigurationUnreadable,
} from '../../../lib/config/configuration-source.ts';
import { createLiveConfiguration } from '../../../lib/config/live-configuration.ts';
import { readSettings } from '../../../lib/config/settings.ts';
import { RecordingLog, RecordingMetrics } from '../../support/fakes/ports.ts';

const MINUTE = 60_000;
const TRN = 'trn:iam::2100000001:role/flow-logs';
const roleVia = (via: string) => ({ assumeRole: { roleTrn: TRN, via } });
const KEYS = { accessKey: 'AK', secretKey: 'SK' };

type Stored = { accounts?: Record<string, unknown>; policies?: Record<string, unknown> };

function entries({ accounts = {}, policies = {} }: Stored, more: Partial<ConfigurationEntries> = {}) {
  const texts = (values: Record<string, unknown>) =>
    new Map(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  return { accounts: texts(accounts), policies: texts(policies), unreadable: [], ...more };
}

function live(stored: ConfigurationEntries, environment: Record<string, string> = {}) {
  const source = { stored, error: undefined as unknown, reads: 0 };
  const clock = { now: 1_000_000 };
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  const configuration = createLiveConfiguration({
    own: accountsOf(readSettings(accountSettings, environment)),
    source: {
      name: 'file:/x',
      async read() {
        source.reads += 1;
        if (source.error !== undefined) throw source.error;
        return source.stored;
      },
    },
    policyProblems: (_name, text) => (text === '{}' ? ['regions must have at least one region'] : []),
    refreshMs: MINUTE,
    now: () => clock.now,
    log,
    metrics,
  });
  const refreshLater = async () => {
    clock.now += MINUTE;
    await configuration.refresh();
  };
  return { ...configuration, source, clock, log, metrics, refreshLater };
}

describe('the accounts of a configuration', () => {
  test('are those of the environment and the stored ones, in one map that stays the same', async () => {
    const { accounts, refresh, refreshLater, source } = live(entries({ accounts: { b: KEYS } }), {
      VOLCENGINE_ACCOUNTS: JSON.stringify({ a: KEYS }),
    });
    expect([...accounts.keys()]).toEqual(['default', 'a']);
    await refresh();
    expect([...accounts.keys()]).toEqual(['default', 'a', 'b']);
    source.stored = entries({ accounts: { c: roleVia('a') } });
    await refreshLater();
    expect([...accounts]).toEqual([
      ['default', undefined],
      ['a', KEYS],
      ['c', roleVia('a')],
    ]);
  });

  test('an entry that is not changed keeps its object, so that caches of credentials go on', async () => {
    const { accounts, refreshLater, source } = live(entries({ accounts: { a: KEYS, b: KEYS } }));
    await refreshLater();
    const [before, changed] = [accounts.get('a'), accounts.get('b')];
    source.stored = entries({ accounts: { a: KEYS, b: { ...KEYS, secretKey: 'new' } } });
    await refreshLater();
    expect(accounts.get('a')).toBe(before);
    expect(accounts.get('b')).not.toBe(changed);
  });

  test('the stored `default` is used if the environment has no keys for it, and only then', async () => {
    const stored = entries({ accounts: { default: KEYS } });
    const without = live(stored);
    await without.refresh();
    expect(without.accounts.get('default')).toEqual(KEYS);
    expect(without.state().disabled).toEqual([]);

    const own = { VOLCENGINE_ACCESS_KEY: 'mine', VOLCENGINE_SECRET_KEY: 'mine' };
    const having = live(stored, own);
    await having.refresh();
    expect(having.accounts.get('default')).toEqual({ accessKey: 'mine', secretKey: 'mine' });
    expect(having.state().disabled).toEqual([
      { kind: 'account', name: 'default', problems: ['is in VOLCENGINE_ACCOUNTS too, which goes first'] },
    ]);
  });
});

describe('a bad entry', () => {
  const bad = entries({
    accounts: {
      good: KEYS,
      half: { accessKey: 'hunter2' },
      noJson: '{"secretKey": "hunter2',
      twice: '{"secretId": "hunter2", "secretId": "b"}',
      'hunter2 hunter2': KEYS,
      viaHalf: roleVia('half'),
      viaNobody: roleVia('nobody'),
      circle: roleVia('circle'),
    },
    policies: { empty: {}, good: { regions: ['cn-beijing'] } },
  });

  test('disables itself, is named by its place and not by its value, and no other', async () => {
    const { refresh, state, accounts, policies } = live(bad);
    await refresh();
    expect(state().disabled).toEqual([
      { kind: 'account', name: 'half', problems: ['secretKey is missing'] },
      { kind: 'account', name: 'noJson', problems: ['is not JSON'] },
      { kind: 'account', name: 'twice', problems: ['secretId is there twice'] },
      { kind: 'account', name: 'entry 5', problems: ['must have a name of 1 to 64 letters, digits, - or _'] },
      {
        kind: 'account',
        name: 'viaNobody',
        problems: ['assumeRole.via must be the alias of another account'],
      },
      {
        kind: 'account',
        name: 'circle',
        problems: ['assumeRole.via leads in a circle, back to this account'],
      },
      { kind: 'policy', name: 'empty', problems: ['regions must have at least one region'] },
    ]);
    expect(JSON.stringify(state())).not.toContain('hunter2');
    expect(accounts.get('good')).toEqual(KEYS);
    expect(accounts.get('viaHalf')).toEqual(roleVia('half'));
    expect([...policies.keys()]).toEqual(['good']);
  });

  test('of an account: it is known, so that its calls are held and not refused', async () => {
    const { refresh, accounts } = live(bad);
    await refresh();
    for (const alias of ['half', 'noJson', 'twice', 'viaNobody', 'circle']) {
      expect(accounts.has(alias)).toBe(true);
      expect(accounts.get(alias)).toBeUndefined();
    }
    const refusal = scopeCheckOf(accounts);
    expect(refusal({ account: 'half', region: 'cn-beijing' })).toBeUndefined();
    expect(refusal({ account: 'nobody', region: 'cn-beijing' })).toBe(
      'the account "nobody" is not configured',
    );
  });

  test('is logged once, and again when it is bad in another way; the metric counts at each read', async () => {
    const { refresh, refreshLater, source, log, metrics } = live(entries({ accounts: { a: {}, b: KEYS } }));
    await refresh();
    await refreshLater();
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'an entry of the configuration is disabled',
        fields: {
          kind: 'account',
          entry: 'a',
          problems: expect.arrayContaining(['accessKey is missing']),
        },
      },
    ]);
    expect(metrics.counts.get('DisabledConfigurationEntries')).toBe(2);
    source.stored = entries({ accounts: { a: 7, b: KEYS } });
    await refreshLater();
    expect(log.lines).toHaveLength(2);
    source.stored = entries({ accounts: { a: KEYS, b: KEYS } });
    await refreshLater();
    expect(log.lines).toHaveLength(2);
    expect(metrics.counts.get('DisabledConfigurationEntries')).toBe(3);
  });

  test('that the source cannot give is disabled as well, and a role may go via it', async () => {
    const unreadable = [{ kind: 'account' as const, name: 'locked', problems: ['is a SecureString'] }];
    const { refresh, state, accounts } = live(
      entries({ accounts: { role: roleVia('locked') } }, { unreadable }),
    );
    await refresh();
    expect(state().disabled).toEqual(unreadable);
    expect(accounts.has('locked')).toBe(true);
    expect(accounts.get('role')).toEqual(roleVia('locked'));
  });
});

describe('an account that is removed', () => {
  test('is told in the log, and calls for what it has open are refused, which holds them', async () => {
    const { refresh, refreshLater, source, log, accounts } = live(entries({ accounts: { a: KEYS } }));
    await refresh();
    source.stored = entries({});
    await refreshLater();
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'an account is not configured any more: calls for its open activations are held',
        fields: { account: 'a' },
      },
    ]);
    expect(scopeCheckOf(accounts)({ account: 'a', region: 'cn-beijing' })).toContain('is not configured');
  });
});

describe('a refresh', () => {
  test('reads at most once a minute, and once for all who ask at the same time', async () => {
    const { refresh, source, clock } = live(entries({}));
    await Promise.all([refresh(), refresh(), refresh()]);
    await refresh();
    expect(source.reads).toBe(1);
    clock.now += MINUTE - 1;
    await refresh();
    expect(source.reads).toBe(1);
    clock.now += 1;
    await refresh();
    expect(source.reads).toBe(2);
  });

  test('a clock that is set back stops nothing', async () => {
    const { refresh, source, clock } = live(entries({}));
    await refresh();
    clock.now -= 10 * MINUTE;
    await refresh();
    expect(source.reads).toBe(2);
  });

  test('that fails keeps what was read, says so, and is tried again after ten seconds', async () => {
    const { refresh, refreshLater, state, source, clock, log, accounts, metrics } = live(
      entries({ accounts: { a: KEYS } }),
    );
    await refresh();
    const { readAt } = state();
    source.error = Object.assign(new Error('hunter2'), { name: 'ThrottlingException' });
    await refreshLater();
    expect(accounts.get('a')).toEqual(KEYS);
    expect(state()).toEqual({ source: 'file:/x', readAt, failure: 'ThrottlingException', disabled: [] });
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    expect(metrics.counts.size).toBe(0);

    source.error = undefined;
    clock.now += 9_999;
    await refresh();
    expect(source.reads).toBe(2);
    clock.now += 1;
    await refresh();
    expect(state()).toEqual({ source: 'file:/x', readAt: clock.now, disabled: [] });
  });

  test('that fails for ten minutes counts as what the alarm watches', async () => {
    const { refresh, refreshLater, source, metrics } = live(entries({}));
    await refresh();
    source.error = new ConfigurationUnreadable('the file is not JSON');
    for (let minute = 0; minute < 10; minute += 1) await refreshLater();
    expect(metrics.counts.size).toBe(0);
    await refreshLater();
    expect(metrics.counts.get('DisabledConfigurationEntries')).toBe(1);
  });

  test('that never succeeded: the accounts of the environment are used, and others are not known', async () => {
    const { refresh, source, accounts, state } = live(entries({ accounts: { b: KEYS } }), {
      VOLCENGINE_ACCOUNTS: JSON.stringify({ a: KEYS }),
    });
    source.error = new ConfigurationUnreadable('the file is not JSON');
    await refresh();
    expect(accounts.get('a')).toEqual(KEYS);
    expect(accounts.isIncomplete).toBe(true);
    expect(state()).toEqual({ source: 'file:/x', failure: 'the file is not JSON', disabled: [] });
    expect(scopeCheckOf(accounts)({ account: 'b', region: 'cn-beijing' })).toBe(
      'the account "b" is not known: the stored configuration could not be read',
    );
  });
});

describe('the parameters of a path', () => {
  test('are accounts and policies; what is elsewhere, or cannot be decrypted, is named', () => {
    const path = '/flow-log-activator/dev';
    const found = entriesOf(path, [
      { name: `${path}/accounts/a`, value: '{}' },
      { name: `${path}/accounts/locked` },
      { name: `${path}/policies/p`, value: '{}' },
      { name: `${path}/accounts/a/b`, value: '{}' },
      { name: `${path}/account/c`, value: '{}' },
    ]);
    expect(found.accounts).toEqual(new Map([['a', '{}']]));
    expect(found.policies).toEqual(new Map([['p', '{}']]));
    expect(found.unreadable.map(({ kind, name }) => [kind, name])).toEqual([
      ['account', 'locked'],
      ['unknown', 'accounts/a/b'],
      ['unknown', 'account/c'],
    ]);
  });
});
