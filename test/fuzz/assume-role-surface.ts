import fc from 'fast-check';
import * as v from 'valibot';
import { createRoleAssumer } from '../../lib/volcengine/assume-role.ts';
import { AssumeRoleFailed } from '../../lib/volcengine/assume-role-failed.ts';
import { START } from '../support/fakes/activations.ts';
import { scriptedTransport } from '../unit/volcengine/scripted-transport.ts';
import { mostly, oddText } from './odd-text.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { answerNear, CREDENTIALS } from './volcengine-input.ts';
import { noError, parseBody } from './volcengine-surfaces.ts';

const ROLE = { roleTrn: 'trn:iam::2100000001:role/flow-logs', via: 'main', externalId: 'external-id' };

const oddTime = fc.oneof(fc.constantFrom('2026-01-02T03:04:05Z', '', 'later'), oddText);
const time = (usual: string) => mostly(fc.constant(usual), oddTime, 12);
const answer = answerNear(
  fc.record({
    Credentials: fc.record({
      CurrentTime: time('2026-01-02T03:04:05+08:00'),
      ExpiredTime: time('2026-01-02T04:04:05+08:00'),
      AccessKeyId: mostly(fc.constant('AKTPtemporary'), oddText, 12),
      SecretAccessKey: mostly(fc.constant('secret'), oddText, 12),
      SessionToken: mostly(fc.constant('token'), oddText, 12),
    }),
  }),
);

const successSchema = v.looseObject({
  ResponseMetadata: v.looseObject({ Error: noError }),
  Result: v.looseObject({ Credentials: v.looseObject({ SessionToken: v.string() }) }),
});

/** Whatever STS answers: credentials out of a success, or a failure that repeats no secret. */
export const ASSUME_ROLE_SURFACE: Surface = defineSurface({
  name: 'AssumeRole answers',
  inputs: answer,
  async probe(given) {
    const transport = scriptedTransport(given);
    const credentials = async () => CREDENTIALS;
    const assumeRole = createRoleAssumer({
      transport,
      credentials,
      clock: () => START,
      regionOf: () => 'cn-beijing',
    });
    try {
      const { credentials: temporary, lifetimeMs } = await assumeRole(ROLE);
      require(lifetimeMs > 0 && lifetimeMs < Number.POSITIVE_INFINITY, `a life of ${lifetimeMs} ms`);
      require(Object.values(temporary).every((text) => text !== ''), 'empty credentials');
      const isSuccess = given.kind === 'reply' && v.is(successSchema, parseBody(given.body));
      require(isSuccess, 'credentials without a success');
      return 'accepted';
    } catch (error) {
      if (!(error instanceof AssumeRoleFailed)) throw error;
      const secrets = [...Object.values(CREDENTIALS), ROLE.externalId];
      require(!secrets.some((secret) => error.message.includes(secret)), 'a secret in the message');
      require(error.message.length <= 400 &&
        error.message.isWellFormed(), 'a message that is not fit to be kept');
      return 'refused';
    }
  },
});
