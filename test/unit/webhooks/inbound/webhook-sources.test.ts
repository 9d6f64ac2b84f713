import { expect, test } from 'vitest';
import { createWebhookSecretReader } from '../../../../functions/wiring/webhook-secrets.ts';
import { webhookSettings } from '../../../../functions/wiring/webhook-sources.ts';
import { readSettings } from '../../../../lib/config/settings.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const SECRET = 'the-secret-of-the-source';
const github = { scheme: 'github', secrets: [SECRET], select: { flowLogIds: 'ids' } };
const hmac = { ...github, scheme: 'hmac', header: 'X-Signature' };

const read = (sources: unknown) =>
  readSettings(webhookSettings, {
    WEBHOOK_SOURCES: typeof sources === 'string' ? sources : JSON.stringify(sources),
  });

test('no source is configured unless it is named', () => {
  expect(readSettings(webhookSettings, {}).sources.size).toBe(0);
  expect(read({}).sources.size).toBe(0);
});

test('a source of each scheme, and names that objects have', () => {
  const { sources } = read(
    `{"a": ${JSON.stringify(github)}, "__proto__": ${JSON.stringify(hmac)}, "constructor": ${JSON.stringify({ ...github, scheme: 'terraform-cloud' })},
      "b": ${JSON.stringify({ ...github, scheme: 'standard-webhooks', secrets: [{ secretId: 'x' }, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] })}}`,
  );
  expect([...sources.keys()]).toEqual(['a', '__proto__', 'constructor', 'b']);
});

test.each<[string, unknown, string]>([
  ['not JSON', '{"a":', 'must be a JSON object'],
  ['a list', [github], 'must be a JSON object'],
  ['an odd name', { 'a b': github }, 'entry 1 must have a name of 1 to 64 letters, digits, - or _'],
  ['an empty name', { '': github }, 'entry 1 must have a name of 1 to 64'],
  ['no object', { a: SECRET }, 'a must be an object with a scheme'],
  ['an unknown scheme', { a: { ...github, scheme: SECRET } }, 'a.scheme must be an object with a scheme'],
  ['an unknown option', { a: { ...github, secret: SECRET } }, 'a.secret is not an option'],
  ['an option of another scheme', { a: { ...github, prefix: SECRET } }, 'a.prefix is not an option'],
  ['an unknown selection', { a: { ...github, select: { ids: 'x' } } }, 'a.select.flowLogIds is missing'],
  ['no selection', { a: { ...github, select: undefined } }, 'a.select is missing'],
  ['no secrets', { a: { ...github, secrets: [] } }, 'a.secrets must have at least one secret'],
  ['a secret that is no list', { a: { ...github, secrets: SECRET } }, 'a.secrets must be a list of secrets'],
  [
    'a secret of a number',
    { a: { ...github, secrets: [7] } },
    'a.secrets.0 must be text or {"secretId": "…"}',
  ],
  [
    'a secret with more',
    { a: { ...github, secrets: [{ secretId: 'x', secret: SECRET }] } },
    'a.secrets.0 must be',
  ],
  ['an empty secret', { a: { ...github, secrets: [''] } }, 'a.secrets.0 must be at least 16 characters'],
  [
    'a short secret',
    { a: { ...github, secrets: [SECRET, SECRET.slice(0, 15)] } },
    'a.secrets.1 must be at least 16',
  ],
  [
    'a secret that is no base64',
    { a: { ...github, scheme: 'standard-webhooks' } },
    'a.secrets.0 must be base64 of at least 24 bytes',
  ],
  [
    'base64 that is too short',
    { a: { ...github, scheme: 'standard-webhooks', secrets: ['whsec_c2hvcnQ='] } },
    'a.secrets.0 must be base64 of at least 24 bytes',
  ],
  ['no header', { a: { ...github, scheme: 'hmac' } }, 'a.header is missing'],
  ['an odd header', { a: { ...hmac, header: 'X Signature' } }, 'a.header must be the name of a header'],
  [
    'an algorithm that is broken',
    { a: { ...hmac, algorithm: 'sha1' } },
    'a.algorithm must be sha256 or sha512',
  ],
  ['an unknown encoding', { a: { ...hmac, encoding: 'base32' } }, 'a.encoding must be hex or base64'],
  [
    'a wrong expression',
    { a: { ...github, when: 'ids[' } },
    'a.when is not a JMESPath expression (Expected Star, got: EOF)',
  ],
  [
    'an unknown function',
    { a: { ...github, select: { flowLogIds: 'ids[?first(@)]' } } },
    'a.select.flowLogIds is not a JMESPath expression (there is no function first())',
  ],
  [
    'an expression that multiplies what it is given',
    { a: { ...github, when: `${'[@, @] | '.repeat(30)}@` } },
    'can give over 100 times',
  ],
  [
    'accounts that are no list',
    { a: { ...github, accounts: 'prod' } },
    'a.accounts must be a list of account',
  ],
  ['no account at all', { a: { ...github, accounts: [] } }, 'a.accounts must have at least one'],
  ['an odd account', { a: { ...github, accounts: ['a b'] } }, 'a.accounts.0 must be an account alias'],
  ['an odd region', { a: { ...github, regions: ['X'] } }, 'a.regions.0 must be a region such as'],
])('refused, and named without the secret: %s', (_what, sources, message) => {
  const reading = () => read(sources);
  expect(reading).toThrow(message);
  expect(reading).toThrow('WEBHOOK_SOURCES ');
  expect(reading).not.toThrow(SECRET.slice(0, 15));
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
  const reading = createWebhookSecretReader({
    log: new RecordingLog(),
    fetchSecret: async () => stored,
  })('id');
  if (expected) expect(await reading).toEqual(expected);
  else
    await expect(reading).rejects.toThrow(
      /^the secret (has no text|is neither plain text nor \{"secrets": \[…\]\})$/,
    );
});
