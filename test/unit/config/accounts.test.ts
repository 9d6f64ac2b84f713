import { describe, expect, test } from 'vitest';
import { checkAccount, type RequestDefaults } from '../../../lib/api/requests/account-check.ts';
import { accountSettings, accountsOf, brandOf } from '../../../lib/config/accounts.ts';
import { ConfigurationError, readSettings } from '../../../lib/config/settings.ts';
import { Problem } from '../../../lib/http/problem.ts';

const TRN = 'trn:iam::2100000001:role/flow-logs';
const KEYS = { accessKey: 'AK', secretKey: 'SK' };
const roleVia = (via: string, more = {}) => ({ assumeRole: { roleTrn: TRN, via, ...more } });

function read(accounts: unknown, environment: Record<string, string> = {}) {
  const value = typeof accounts === 'string' ? accounts : JSON.stringify(accounts);
  return accountsOf(readSettings(accountSettings, { VOLCENGINE_ACCOUNTS: value, ...environment }));
}

function problemOf(accounts: unknown): string {
  try {
    read(accounts);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.join('; ');
  }
  return 'none';
}

describe('VOLCENGINE_ACCOUNTS', () => {
  test('takes keys, secrets, roles, and roles by way of roles', () => {
    const accounts = {
      main: { secretId: 'flow-log-activator/dev/main' },
      second: {
        ...roleVia('main', { externalId: 'x/1', sessionName: 'ops.1', durationSeconds: 900 }),
        regions: ['cn-beijing'],
      },
      third: roleVia('second'),
      fourth: { ...KEYS, regions: ['cn-beijing'] },
    };
    expect(Object.fromEntries(read(accounts))).toEqual({ default: undefined, ...accounts });
  });

  const oidc = (more = {}) => ({ assumeRoleWithOidc: { roleTrn: TRN, ...more } });

  test('takes roles by a token, of either brand, and roles by way of them', () => {
    const accounts = {
      second: {
        ...oidc({ audience: 'sts.volcengineapi.com/ops', sessionName: 'ops.1', durationSeconds: 900 }),
        brand: 'byteplus',
        regions: ['ap-southeast-1'],
      },
      third: roleVia('second'),
    };
    expect(Object.fromEntries(read(accounts))).toEqual({ default: undefined, ...accounts });
    expect(brandOf(read(accounts), 'second')).toBe('byteplus');
    expect(brandOf(read(accounts), 'third')).toBe('byteplus');
  });

  test('a role may go by way of default, which has its keys elsewhere or not yet', () => {
    expect(read({ second: roleVia('default') }).get('default')).toBeUndefined();
    const environment = { VOLCENGINE_ACCESS_KEY: 'AK', VOLCENGINE_SECRET_KEY: 'SK' };
    expect(read({ second: roleVia('default') }, environment).get('default')).toEqual(KEYS);
  });

  const circle = { a: roleVia('b'), b: roleVia('c'), c: roleVia('a') };
  test.each([
    ['itself', { a: roleVia('a') }, ['a']],
    ['each other', { a: roleVia('b'), b: roleVia('a') }, ['a', 'b']],
    ['a circle behind it', { x: roleVia('a'), ...circle }, ['a', 'b', 'c']],
    ['a default that goes by way of it', { default: roleVia('a'), a: roleVia('default') }, ['default', 'a']],
  ])('a role by way of %s is refused', (_what, accounts, aliases) => {
    const problems = aliases.map(
      (alias) => `${alias}.assumeRole.via leads in a circle, back to this account`,
    );
    expect(problemOf(accounts)).toBe(`VOLCENGINE_ACCOUNTS is wrong: ${problems.join('; ')}`);
  });

  test('a via that names no account is refused by the alias it is at, and is not repeated', () => {
    const accounts = { main: KEYS, second: roleVia('main'), third: roleVia('AKLT-a-key-by-mistake') };
    expect(problemOf(accounts)).toBe(
      'VOLCENGINE_ACCOUNTS is wrong: third.assumeRole.via must be the alias of another account',
    );
  });

  const refuses = (second: unknown, field: string) => {
    const problem = problemOf({ main: KEYS, second });
    expect(problem).toContain(`VOLCENGINE_ACCOUNTS is wrong: second${field && `.${field}`} `);
    expect(problem).not.toMatch(/hunter2|flow log/);
  };

  test.each([
    ['a TRN of another kind', { roleTrn: 'trn:iam::1:user/hunter2' }, 'roleTrn'],
    ['a duration that Volcengine would replace', { durationSeconds: 60 }, 'durationSeconds'],
    ['half seconds', { durationSeconds: 900.5 }, 'durationSeconds'],
    ['a session name with a space', { sessionName: 'flow log' }, 'sessionName'],
    ['an external id of two lines', { externalId: 'hunter2\n' }, 'externalId'],
    ['a field that is none', { externalID: 'hunter2' }, 'externalID'],
  ])('%s is refused by its field', (_what, more, field) =>
    refuses(roleVia('main', more), `assumeRole.${field}`),
  );

  test.each([
    ['no via', { assumeRole: { roleTrn: TRN } }, 'assumeRole.via'],
    ['keys beside the role', { ...roleVia('main'), secretKey: 'hunter2' }, 'secretKey'],
    ['a key with a line end', { ...KEYS, secretKey: 'hunter2\n' }, 'secretKey'],
    ['half of the keys', { accessKey: 'hunter2' }, 'secretKey'],
    ['text', 'hunter2', ''],
  ])('%s is refused by its field', (_what, second, field) => refuses(second, field));

  test.each([
    ['a TRN of another kind', { roleTrn: 'trn:iam::1:user/hunter2' }, 'roleTrn'],
    ['an audience that is not the service of Volcengine', { audience: 'hunter2' }, 'audience'],
    ['an audience that only begins like it', { audience: 'sts.volcengineapi.com.hunter2' }, 'audience'],
    ['a via, which it does not need', { via: 'main' }, 'via'],
  ])('by a token: %s is refused by its field', (_what, more, field) =>
    refuses(oidc(more), `assumeRoleWithOidc.${field}`),
  );

  test('both ways to assume a role at once are refused', () =>
    refuses({ ...roleVia('main'), ...oidc() }, 'assumeRoleWithOidc'));

  test('all that is wrong is said at once, of every account', () => {
    const accounts = {
      main: { accessKey: 'AK' },
      second: roleVia('nobody', { durationSeconds: 1 }),
      third: roleVia('nobody'),
      fourth: { ...KEYS, regions: ['Beijing'] },
      'a b': KEYS,
    };
    expect(problemOf(accounts).split(/; |: /)).toEqual([
      'VOLCENGINE_ACCOUNTS is wrong',
      'main.secretKey is missing',
      'second.assumeRole.durationSeconds must be a whole number from 900 to 43200',
      'fourth.regions.0 must be a region such as cn-beijing',
      'entry 5 must have a name of 1 to 64 letters, digits, - or _',
      'second.assumeRole.via must be the alias of another account',
      'third.assumeRole.via must be the alias of another account',
    ]);
  });

  const escaped = '{"a": {"secretId": "x"}, "\\u0061": {"secretId": "y"}}';
  test.each([
    ['an alias', '{"a": {"secretId": "x"}, "a": {"secretId": "y"}}', 'a is there twice'],
    ['a field', '{"a": {"secretId": "x", "secretId": "y"}}', 'a.secretId is there twice'],
    ['an alias that is written differently', escaped, 'a is'],
  ])('%s that is there twice is refused', (_what, accounts, problem) => {
    expect(problemOf(accounts)).toContain(`VOLCENGINE_ACCOUNTS is wrong: ${problem}`);
  });

  test.each(['', '[]', 'null', '"AKLT"', '7', '{', '{}}'])(
    '%j is no JSON object, or is none at all',
    (text) => {
      expect(problemOf(text)).toBe(text === '' ? 'none' : 'VOLCENGINE_ACCOUNTS must be a JSON object');
    },
  );

  test('half of a pair of keys is refused', () => {
    expect(() => read({}, { VOLCENGINE_ACCESS_KEY: 'AKLT' })).toThrow('VOLCENGINE_SECRET_KEY is missing');
    expect(() => read({}, { VOLCENGINE_SECRET_KEY: 'hunter2' })).toThrow('VOLCENGINE_ACCESS_KEY is missing');
  });
});

describe('checkAccount', () => {
  const accounts = read({ second: { ...roleVia('default'), regions: ['cn-shanghai'] } });

  const defaults: RequestDefaults = { accounts, region: 'cn-beijing' };

  function refusalOf(given: RequestDefaults, account: string, region: string) {
    try {
      checkAccount(given, account, region);
    } catch (error) {
      if (error instanceof Problem) return error.details;
      throw error;
    }
    return undefined;
  }

  test.each([
    ['default', 'ap-southeast-1'],
    ['second', 'cn-shanghai'],
  ])('lets %s in %s pass', (account, region) => {
    expect(refusalOf(defaults, account, region)).toBeUndefined();
  });

  test.each([
    ['third', 'cn-beijing', 'account'],
    ['second', 'cn-beijing', 'region'],
  ])('refuses %s in %s', (account, region, field) => {
    expect(refusalOf(defaults, account, region)).toMatchObject({ status: 422, errors: [{ field }] });
  });

  test('refuses a region that nobody knows, and names the nearest', () => {
    const message =
      'is not a known region (the nearest are cn-beijing, cn-beijing2, cn-beijing300); ' +
      "the account's `regions` can name a new one";
    expect(refusalOf(defaults, 'default', 'cn-bejing')).toMatchObject({
      status: 422,
      errors: [{ field: 'region', message }],
    });
  });

  test('but not one that the configuration names, nor any at an endpoint of its own', () => {
    const region = 'eu-new-1';
    const more = read({ new: { ...KEYS, regions: [region] } });
    expect(refusalOf({ ...defaults, accounts: more }, 'new', region)).toBeUndefined();
    expect(refusalOf({ ...defaults, accounts: more }, 'default', region)).toMatchObject({ status: 422 });
    expect(refusalOf({ ...defaults, region }, 'default', region)).toBeUndefined();
    const endpoint = 'https://volcengine.internal';
    expect(refusalOf({ ...defaults, endpoint }, 'default', region)).toBeUndefined();
    const byRegion = { ...defaults, endpoint: 'by-region' };
    expect(refusalOf(byRegion, 'default', region)).toMatchObject({ status: 422 });
  });
});

describe('the brand of an account', () => {
  test('is Volcengine, unless it says otherwise; that of a role is where it goes via', () => {
    const accounts = read({
      plus: { ...KEYS, brand: 'byteplus' },
      secret: { secretId: 's', brand: 'volcengine' },
      role: roleVia('plus'),
      far: roleVia('role'),
      other: roleVia('default'),
    });
    const aliasesOf = (brand: string) =>
      [...accounts.keys(), 'no such'].filter((alias) => brandOf(accounts, alias) === brand);
    expect(aliasesOf('byteplus')).toEqual(['plus', 'role', 'far']);
    expect(aliasesOf('volcengine')).toEqual(['default', 'secret', 'other', 'no such']);
  });

  test.each([
    ['another brand', { ...KEYS, brand: 'volcano' }],
    ['a brand beside a role', { ...roleVia('default'), brand: 'byteplus' }],
  ])('%s is refused by its field', (_what, second) => {
    expect(problemOf({ second })).toContain('VOLCENGINE_ACCOUNTS is wrong: second.brand ');
  });
});
