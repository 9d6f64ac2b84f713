import { describe, expect, test } from 'vitest';
import { createWebhookSecretReader } from '../../../../functions/wiring/webhook-secrets.ts';
import { webhookSettings } from '../../../../functions/wiring/webhook-sources.ts';
import { readSettings } from '../../../../lib/config/settings.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const SECRET = 'the-secret-of-the-source';
const github = { scheme: 'github', secrets: [SECRET], select: { flowLogIds: 'ids' } };
const hmac = { ...github, scheme: 'hmac', header: 'X-Signature' };

const readText = (sources: string) => readSettings(webhookSettings, { WEBHOOK_SOURCES: sources });
const read = (sources: unknown) => readText(JSON.stringify(sources));

test('no source is configured unless it is named', () => {
  expect(readSettings(webhookSettings, {}).sources.size).toBe(0);
  expect(read({}).sources.size).toBe(0);
});

test('a source of each scheme, and names that objects have', () => {
  const { sources } = readText(
    `{"a": ${JSON.stringify(github)}, "__proto__": ${JSON.stringify(hmac)}, "constructor": ${JSON.stringify({ ...github, scheme: 'terraform-cloud' })},
      "b": ${JSON.stringify({ ...github, scheme: 'standard-webhooks', secrets: [{ secretId: 'x' }, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] })}}`,
  );
  expect([...sources.keys()]).toEqual(['a', '__proto__', 'constructor', 'b']);
});

describe('refused, and named without the secret:', () => {
  const refuses = (reading: () => unknown, message: string) => {
    expect(reading).toThrow(message);
    expect(reading).toThrow('WEBHOOK_SOURCES ');
    expect(reading).not.toThrow(SECRET.slice(0, 15));
  };

  test('not JSON', () => refuses(() => readText('{"a":'), 'must be a JSON object'));

  test.each<[string, unknown, string]>([
    ['a list', [github], 'must be a JSON object'],
    ['an odd name', { 'a b': github }, 'entry 1 must have a name of 1 to 64 letters, digits, - or _'],
    ['an empty name', { '': github }, 'entry 1 must have a name of 1 to 64'],
    ['no object', { a: SECRET }, 'a must be an object with a scheme'],
  ])('%s', (_what, sources, message) => refuses(() => read(sources), message));

  test.each<[string, object, string]>([
    ['an unknown scheme', { scheme: SECRET }, 'a.scheme must be an object with a scheme'],
    ['an unknown option', { secret: SECRET }, 'a.secret is not an option'],
    ['an option of another scheme', { prefix: SECRET }, 'a.prefix is not an option'],
    ['an unknown selection', { select: { ids: 'x' } }, 'a.select.flowLogIds is missing'],
    ['no selection', { select: undefined }, 'a.select is missing'],
    ['no header', { scheme: 'hmac' }, 'a.header is missing'],
    ['a wrong expression', { when: 'ids[' }, 'a.when is not a JMESPath expression (Expected Star, got: EOF)'],
    [
      'an unknown function',
      { select: { flowLogIds: 'ids[?first(@)]' } },
      'a.select.flowLogIds is not a JMESPath expression (there is no function first())',
    ],
    [
      'an expression that multiplies what it is given',
      { when: `${'[@, @] | '.repeat(30)}@` },
      'can give over 100 times',
    ],
    ['accounts that are no list', { accounts: 'prod' }, 'a.accounts must be a list of account'],
    ['no account at all', { accounts: [] }, 'a.accounts must have at least one'],
    ['an odd account', { accounts: ['a b'] }, 'a.accounts.0 must be an account alias'],
    ['an odd region', { regions: ['X'] }, 'a.regions.0 must be a region such as'],
  ])('%s', (_what, change, message) => refuses(() => read({ a: { ...github, ...change } }), message));

  test.each<[string, unknown, string]>([
    ['no secrets', [], 'a.secrets must have at least one secret'],
    ['a secret that is no list', SECRET, 'a.secrets must be a list of secrets'],
    ['a secret of a number', [7], 'a.secrets.0 must be text or {"secretId": "…"}'],
    ['a secret with more', [{ secretId: 'x', secret: SECRET }], 'a.secrets.0 must be'],
    ['an empty secret', [''], 'a.secrets.0 must be at least 16 characters'],
    ['a short secret', [SECRET, SECRET.slice(0, 15)], 'a.secrets.1 must be at least 16'],
  ])('%s', (_what, secrets, message) => refuses(() => read({ a: { ...github, secrets } }), message));

  test.each([
    ['a secret that is no base64', SECRET],
    ['base64 that is too short', 'whsec_c2hvcnQ='],
  ])('%s', (_what, secret) => {
    const standard = { ...github, scheme: 'standard-webhooks', secrets: [secret] };
    refuses(() => read({ a: standard }), 'a.secrets.0 must be base64 of at least 24 bytes');
  });

  test.each([
    ['an odd header', { header: 'X Signature' }, 'a.header must be the name of a header'],
    ['an algorithm that is broken', { algorithm: 'sha1' }, 'a.algorithm must be sha256 or sha512'],
    ['an unknown encoding', { encoding: 'base32' }, 'a.encoding must be hex or base64'],
  ])('%s', (_what, change, message) => refuses(() => read({ a: { ...hmac, ...change } }), message));
});

test('all that is wrong, at once', () => {
  expect(() => read({ a: { ...github, secrets: [''] }, b: { ...github, when: '' } })).toThrow(
    'WEBHOOK_SOURCES is wrong: a.secrets.0 must be at least 16 characters; b.when must not be empty',
  );
  expect(() => read({ a: { ...github, secrets: ['short'], select: { flowLogIds: 'x[' } } })).toThrow(
    /a\.secrets\.0 must be at least 16 characters; a\.select\.flowLogIds is not a JMESPath/,
  );
});

test.each<[string, string | undefined, string[] | undefined]>([
  ['text', SECRET, [SECRET]],
  ['a file with a line end', `${SECRET}\r\n`, [SECRET]],
  ['several', JSON.stringify({ secrets: ['a', 'b'] }), ['a', 'b']],
  ['nothing', undefined, undefined],
  ['an empty one', '\n', undefined],
  ['an empty list', '{"secrets":[]}', undefined],
  ['other JSON', `{"secret":"${SECRET}"}`, undefined],
  ['broken JSON', `{"secrets":["${SECRET}"`, undefined],
])('stored secrets: %s', async (_what, stored, expected) => {
  const readSecret = createWebhookSecretReader({ log: new RecordingLog(), fetchSecret: async () => stored });
  const refusal = /^the secret (has no text|is neither plain text nor \{"secrets": \[…\]\})$/;
  if (expected) expect(await readSecret('id')).toEqual(expected);
  else await expect(readSecret('id')).rejects.toThrow(refusal);
});
