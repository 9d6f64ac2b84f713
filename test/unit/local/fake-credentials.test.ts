import { describe, expect, it } from 'vitest';
import { fakeCredentials } from '../../../local/cloud/fake-credentials.ts';
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
