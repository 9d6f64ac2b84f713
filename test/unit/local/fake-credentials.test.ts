import { describe, expect, it } from 'vitest';
import { fakeCredentials, fakeRoles } from '../../../local/cloud/fake-credentials.ts';
import { DEFAULT_CREDENTIAL, startFakeVolcengine } from '../../../local/volcengine/start-fake-volcengine.ts';

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

  it('are one for the aliases of one access key, whatever their order', () => {
    const keys = { accessKey: 'AKLT-one', secretKey: 'sk' };
    const accounts = { north: keys, south: { ...keys, regions: ['cn-shanghai'] } };
    expect(fakeCredentials({ VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) })).toEqual([
      DEFAULT_CREDENTIAL,
      { account: 'north', ...keys },
    ]);
    const own = { VOLCENGINE_ACCESS_KEY: 'AKLT-one', VOLCENGINE_SECRET_KEY: 'sk' };
    expect(fakeCredentials({ ...own, VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) })).toEqual([
      { account: 'default', ...keys },
    ]);
  });

  it('never appear in what the fake says of them', async () => {
    const secret = 'AKLT hunter2';
    for (const wrong of [
      { accessKey: secret },
      { accessKey: ['AKLT-hunter2'] },
      { sessionToken: ['hunter2'] },
    ]) {
      const credential = { account: 'a', accessKey: 'AKLT-hunter2', secretKey: 'hunter2', ...wrong };
      // @ts-expect-error: some of it is no text.
      const start = startFakeVolcengine({ credentials: [credential] });
      await expect(start).rejects.toThrow(/^credentials\.0\.(?!.*hunter2)/);
    }
    const twice = { account: 'a', accessKey: 'AKLT-hunter2', secretKey: 'hunter2' };
    await expect(startFakeVolcengine({ credentials: [twice, twice] })).rejects.toThrow(
      /^credentials: (?!.*hunter2)/,
    );
  });

  it('refuses accounts that are no JSON', () => {
    expect(() => fakeCredentials({ VOLCENGINE_ACCOUNTS: 'default' })).toThrow('JSON');
  });
});

describe('fakeRoles', () => {
  const roleTrn = 'trn:iam::2100000001:role/flow-logs';
  const ISSUER = 'http://127.0.0.1:1';

  it('are those that the functions will assume', () => {
    const accounts = {
      second: { assumeRole: { roleTrn, via: 'default', externalId: 'x', durationSeconds: 900 } },
      third: { assumeRole: { roleTrn, via: 'second' }, regions: ['cn-beijing'] },
      fourth: { accessKey: 'ak', secretKey: 'sk' },
    };
    const overrides = { VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) };
    expect(fakeRoles(overrides, ISSUER)).toEqual([
      { roleTrn, account: 'second', trusts: 'default', externalId: 'x' },
      { roleTrn, account: 'third', trusts: 'second' },
    ]);
    expect(fakeCredentials(overrides)).toEqual([
      DEFAULT_CREDENTIAL,
      { account: 'fourth', accessKey: 'ak', secretKey: 'sk' },
    ]);
  });

  it('trust the first of the aliases that are one account', () => {
    const keys = { accessKey: 'ak', secretKey: 'sk' };
    const role = { roleTrn, via: 'again' };
    const accounts = {
      one: keys,
      again: keys,
      role: { assumeRole: role },
      sameRole: { assumeRole: { ...role, externalId: 'x' } },
      chained: { assumeRole: { roleTrn: `${roleTrn}-2`, via: 'sameRole' } },
    };
    expect(fakeRoles({ VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) }, ISSUER)).toEqual([
      { roleTrn, account: 'role', trusts: 'one' },
      { roleTrn, account: 'sameRole', trusts: 'one', externalId: 'x' },
      { roleTrn: `${roleTrn}-2`, account: 'chained', trusts: 'role' },
    ]);
  });

  it('trust the tokens of the issuer for one audience', () => {
    const accounts = {
      second: { assumeRoleWithOidc: { roleTrn } },
      third: { assumeRoleWithOidc: { roleTrn: `${roleTrn}-3`, audience: 'sts.volcengineapi.com/ops' } },
      fourth: { assumeRole: { roleTrn: `${roleTrn}-4`, via: 'second' } },
    };
    expect(fakeRoles({ VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) }, ISSUER)).toEqual([
      { roleTrn, account: 'second', oidc: { issuerUrl: ISSUER, clientIds: ['sts.volcengineapi.com'] } },
      {
        roleTrn: `${roleTrn}-3`,
        account: 'third',
        oidc: { issuerUrl: ISSUER, clientIds: ['sts.volcengineapi.com/ops'] },
      },
      { roleTrn: `${roleTrn}-4`, account: 'fourth', trusts: 'second' },
    ]);
  });

  it('leave the fake as it is where none is assumed', () => {
    expect(fakeRoles({}, ISSUER)).toBeUndefined();
    expect(
      fakeRoles({ VOLCENGINE_ACCOUNTS: '{"a":{"accessKey":"ak","secretKey":"sk"}}' }, ISSUER),
    ).toBeUndefined();
  });
});
