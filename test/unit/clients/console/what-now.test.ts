import { describe, expect, test } from 'vitest';
import { causeOf, stateOf } from '../../../../clients/console/model/activation-state.ts';
import { whatNow, whatNowFor } from '../../../../clients/console/model/what-now.ts';
import { WHAT_NOW } from '../../../../clients/http/what-now.ts';
import { FAILURE_REASONS } from '../../../../lib/activation/model/outcome.ts';
import { AT, anActivation, atSecond } from './build-activation.ts';

const held = { since: atSecond(-60), code: 'AccessDenied' };
const drift = { kind: 'inactive' as const, detectedAt: atSecond(-60) };

describe('what now', () => {
  test.each(FAILURE_REASONS)('after %s is the text that the command has, too', (reason) => {
    const { title, text } = whatNow(anActivation({ status: 'failed', reason }), AT);
    expect(title).toBe(`Failed: ${reason}`);
    expect(text).toBe(WHAT_NOW[reason]);
  });

  test('after a reason of a later version is to look at the last error', () => {
    expect(whatNowFor('of-a-later-version')).toBe(WHAT_NOW.unexpected);
  });

  test('while it is held names the cause', () => {
    expect(whatNow(anActivation({ held }), AT)).toMatchObject({
      tone: 'alert',
      title: 'On hold: AccessDenied',
    });
  });

  test.each([
    ['(OutboundWebIdentityFederationDisabledException)', 'enable-outbound-web-identity-federation'],
    ['(AccessDenied)', 'sts:GetWebIdentityToken'],
    ['(TimeoutError)', 'The name of its error says why'],
  ])('while AWS gives no identity token %s says what to do there', (name, now) => {
    const message = `No credentials for account "second": AssumeRoleWithOIDC failed: AWS gave no identity token ${name}`;
    const lastError = { code: 'CredentialsUnavailable', message };
    expect(whatNow(anActivation({ held, lastError }), AT).text).toContain(now);
  });

  test('while Volcengine gives no role for the token says what to compare', () => {
    const message = 'No credentials for account "second": AssumeRoleWithOIDC failed: AccessDenied (HTTP 403)';
    const lastError = { code: 'CredentialsUnavailable', message };
    expect(whatNow(anActivation({ held, lastError }), AT).text).toContain('the issuer URL and client id');
  });

  test('while it waits says when it is called, and how the latest call ended', () => {
    const lastError = { code: 'InternalError', message: '' };
    const { text } = whatNow(anActivation({ attempts: 2, lastError, nextAttemptAt: atSecond(60) }), AT);
    expect(text).toContain('in\u00a060\u00a0s');
    expect(text).toContain('2 calls ended with InternalError');
  });

  test('is nothing for what is Active, and something once it has drifted', () => {
    expect(whatNow(anActivation({ status: 'completed' }), AT).tone).toBe('good');
    expect(whatNow(anActivation({ status: 'completed', drift }), AT).tone).toBe('alert');
    const ended = { ...drift, endedAt: atSecond(-1) };
    expect(whatNow(anActivation({ status: 'completed', drift: ended }), AT).tone).toBe('good');
  });
});

test.each([
  [anActivation(), 'queued', undefined],
  [anActivation({ held }), 'held', undefined],
  [anActivation({ status: 'failed', reason: 'frozen' }), 'failed', 'frozen'],
  [anActivation({ status: 'completed', adopted: true }), 'completed', 'adopted'],
  [anActivation({ status: 'completed', drift }), 'drifted', 'inactive'],
])('the state of activation %# is %s: %s', (activation, text, detail) => {
  const state = stateOf(activation);
  expect([state.text, state.detail]).toEqual([text, detail]);
});

test.each([
  [anActivation({ held, nextAttemptAt: atSecond(240) }), 'AccessDenied · next call in\u00a04\u00a0min'],
  [anActivation({ nextAttemptAt: atSecond(-1) }), ''],
  [anActivation({ status: 'pending', deadlineAt: atSecond(1_800) }), 'deadline in\u00a030\u00a0min'],
  [anActivation({ status: 'completed' }), ''],
])('the cause of activation %# is "%s"', (activation, cause) => {
  expect(causeOf(activation, AT)).toBe(cause);
});
