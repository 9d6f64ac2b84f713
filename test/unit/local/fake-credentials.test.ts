import { describe, expect, it } from 'vitest';
import { fakeCredentials, fakeRoles } from '../../../local/cloud/fake-credentials.ts';
import { DEFAULT_CREDENTIAL } from '../../../local/volcengine/start-fake-volcengine.ts';

describe('fakeCredentials', () => {
  it("are the fake's own when the user has set none", () => {
    expect(fakeCredentials({})).toEqual([DEFAULT_CREDENTIAL]);
  });

  it('are the keys that the functions will sign with', () => {
    const own = {
      VOLCENGINE_ACCESS_KEY: 'ak',
      VOLCENGINE_SECRET_KEY: 'sk',
      VOLCENGINE_SESSION_TOKEN: 'token',
    };
    const accounts = { other: { accessKey: 'ak2', secretKey: 'sk2' }, kept: { secretId: 'elsewhere' } };
    expect(fakeCredentials({ ...own, VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) })).toEqual([
      { account: 'default', accessKey: 'ak', secretKey: 'sk', sessionToken: 'token' },
      { account: 'other', accessKey: 'ak2', secretKey: 'sk2' },
    ]);
  });

  it('refuses accounts that are no JSON', () => {
    expect(() => fakeCredentials({ VOLCENGINE_ACCOUNTS: 'default' })).toThrow('JSON');
  });
});

describe('fakeRoles', () => {
  const roleTrn = 'trn:iam::2100000001:role/flow-logs';

  it('are those that the functions will assume', () => {
    const accounts = {
      second: { assumeRole: { roleTrn, via: 'default', externalId: 'x', durationSeconds: 900 } },
      third: { assumeRole: { roleTrn, via: 'second' }, regions: ['cn-beijing'] },
      fourth: { accessKey: 'ak', secretKey: 'sk' },
    };
    const overrides = { VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) };
    expect(fakeRoles(overrides)).toEqual([
      { roleTrn, account: 'second', trusts: 'default', externalId: 'x' },
      { roleTrn, account: 'third', trusts: 'second' },
    ]);
    expect(fakeCredentials(overrides)).toEqual([
      DEFAULT_CREDENTIAL,
      { account: 'fourth', accessKey: 'ak', secretKey: 'sk' },
    ]);
  });

  it('leave the fake as it is where none is assumed', () => {
    expect(fakeRoles({})).toBeUndefined();
    expect(fakeRoles({ VOLCENGINE_ACCOUNTS: '{"a":{"accessKey":"ak","secretKey":"sk"}}' })).toBeUndefined();
  });
});
