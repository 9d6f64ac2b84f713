import { describe, expect, test } from 'vitest';
import { handleRead } from '../../../functions/read-activations.ts';
import { PRINCIPAL_LIMIT } from '../../../lib/activation/model/principal.ts';
import { callerOf } from '../../../lib/api/requests/caller-scope.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { httpEvent, ROLE_SESSION } from '../../support/fakes/lambda.ts';

const ACCOUNT = '123456789012';

/** As API Gateway tells of them. */
const user = {
  ...ROLE_SESSION,
  callerId: 'AIDAEXAMPLE',
  userId: 'AIDAEXAMPLE',
  userArn: `arn:aws:iam::${ACCOUNT}:user/ops/alice`,
};
const root = { ...ROLE_SESSION, callerId: ACCOUNT, userId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:root` };
const federated = (name: string) => ({
  ...ROLE_SESSION,
  callerId: `${ACCOUNT}:${name}`,
  userId: `${ACCOUNT}:${name}`,
  userArn: `arn:aws:sts::${ACCOUNT}:federated-user/${name}`,
});
const session = (name: string) => ({
  ...ROLE_SESSION,
  callerId: `AROAEXAMPLE:${name}`,
  userId: `AROAEXAMPLE:${name}`,
  userArn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/${name}`,
});
const cognito = (identityId: string) => ({
  ...session('CognitoIdentityCredentials'),
  cognitoIdentity: { amr: ['authenticated'], identityId, identityPoolId: 'eu-west-1:pool' },
});

const caller = (iam: unknown) => callerOf(httpEvent('POST', '/activations', {}, { iam }));

describe('who calls', () => {
  test.each([
    ['a user', user, `iam:${ACCOUNT}:AIDAEXAMPLE`],
    ['root', root, `iam:${ACCOUNT}:${ACCOUNT}`],
    ['a federated user', federated('bob'), `iam:${ACCOUNT}:${ACCOUNT}:bob`],
    // As of every version before, so that their keys hold.
    ['a session of a role', session('deploy'), `iam:${ACCOUNT}:AROAEXAMPLE`],
    ['another session of it', session('retry'), `iam:${ACCOUNT}:AROAEXAMPLE`],
    ['an identity of a Cognito pool', cognito('eu-west-1:1'), `iam:${ACCOUNT}:AROAEXAMPLE:eu-west-1:1`],
  ])('%s has a scope of keys, and is named by its ARN', (_who, iam, scope) => {
    expect(caller(iam)).toEqual({ scope, principal: iam.userArn });
  });

  test('federated users, identities of a pool, and root are callers of their own', () => {
    const all = [root, federated('bob'), federated('eve'), cognito('p:1'), cognito('p:2'), session('deploy')];
    expect(new Set(all.map((iam) => caller(iam).scope)).size).toBe(all.length);
  });

  test('of an ARN that is too long both ends are kept', () => {
    const userArn = `arn:aws:iam::${ACCOUNT}:user/${'path/'.repeat(100)}alice`;
    const { principal } = caller({ ...user, userArn });
    expect(principal.length).toBeLessThanOrEqual(PRINCIPAL_LIMIT);
    expect(principal).toMatch(/^arn:aws:iam::123456789012:user\/path\/.*….*\/alice$/);
  });
});

describe('an identity that is not whole', () => {
  test.each([
    ['no authorizer', null],
    ['one of another kind', { jwt: { claims: {} } }],
    ['an empty identity', { iam: {} }],
    ['null for one', { iam: null }],
    ['no account', { iam: { ...user, accountId: undefined } }],
    ['an empty account', { iam: { ...user, accountId: '' } }],
    ['no caller', { iam: { ...user, callerId: null } }],
    ['no ARN', { iam: { ...user, userArn: undefined } }],
    ['an empty ARN', { iam: { ...user, userArn: '' } }],
    ['a Cognito identity of another type', { iam: { ...user, cognitoIdentity: 'x' } }],
  ])('%s: refused with 403, on reading too', async (_what, authorizer) => {
    const { status, body } = await responseOf(
      (event) => handleRead(() => expect.unreachable('a service was asked for'), event),
      httpEvent('GET', '/activations', {}, authorizer),
    );
    expect([status, body.type]).toEqual([403, 'urn:flow-log-activator:problem:caller-unknown']);
    expect(() => callerOf(httpEvent('POST', '/activations', {}, authorizer))).toThrow(
      'without the IAM identity',
    );
  });

  test.each(['/healthz', '/openapi.json'])('does not matter for %s', async (path) => {
    const { status } = await handleRead(() => expect.unreachable(), httpEvent('GET', path, {}, null));
    expect(status).toBe(200);
  });
});
