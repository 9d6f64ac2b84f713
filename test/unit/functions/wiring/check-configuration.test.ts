import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  configurationProblems,
  configurationWarnings,
  TUNABLE_VARIABLES,
  unknownVariables,
} from '../../../../functions/wiring/check-configuration.ts';
import { durationProblems } from '../../../../functions/wiring/check-together.ts';

const problemsOf = (environment: Record<string, string>) => configurationProblems(environment).join('\n');
const accounts = (options: object) => problemsOf({ VOLCENGINE_ACCOUNTS: JSON.stringify({ a: options }) });
const sources = (value: object, more: Record<string, string> = {}) =>
  problemsOf({ WEBHOOK_SOURCES: JSON.stringify(value), ...more });
const endpoints = (value: object, more: Record<string, string> = {}) =>
  problemsOf({ WEBHOOK_ENDPOINTS: JSON.stringify(value), ...more });

const secrets = [`whsec_${Buffer.alloc(24, 7).toString('base64')}`];
const siem = { url: 'https://siem.example.com/', secrets };
const source = { scheme: 'github', secrets: ['a-secret-of-16-chars'], select: { flowLogIds: 'ids' } };

test('absent and empty variables are no problem', () => {
  expect(configurationProblems({})).toEqual([]);
  expect(configurationProblems(Object.fromEntries(TUNABLE_VARIABLES.map((name) => [name, ''])))).toEqual([]);
});

test('all problems are reported at once, with variable and place', () => {
  const environment = {
    POLL_TICK_MS: 'abc',
    RETRY_CAP_MS: '1e3',
    RATE_LIMIT_PER_SECOND: '0',
    VOLCENGINE_REGION: 'Beijing',
    VOLCENGINE_ENDPOINT: 'ftp://x',
    VOLCENGINE_ACCOUNTS: '{"a": {"accessKey": "AKLT"}}',
    WEBHOOK_SOURCES: '{"t": {"scheme": "github", "secrets": ["short"], "select": {"flowLogIds": "ids["}}}',
    WEBHOOK_ENDPOINTS: '[]',
    WEBHOOK_EGRESS: 'everywhere',
    POWERTOOLS_LOG_LEVEL: 'loud',
  };
  const problems = problemsOf(environment);
  for (const start of [
    'POLL_TICK_MS must be a whole number from 50 to 30000',
    'RETRY_CAP_MS must be a whole number',
    'RATE_LIMIT_PER_SECOND must be a number from 0.01',
    'VOLCENGINE_REGION must be a region such as cn-beijing',
    'VOLCENGINE_ENDPOINT must be an http(s)://host[:port] URL',
    'VOLCENGINE_ACCOUNTS is wrong: a.secretKey is missing',
    'WEBHOOK_SOURCES is wrong: t.secrets.0 must be at least 16 characters; t.select.flowLogIds is not a JMESPath',
    'WEBHOOK_ENDPOINTS must be a JSON object',
    'WEBHOOK_EGRESS must be one of public-https, unrestricted',
    'POWERTOOLS_LOG_LEVEL must be one of',
  ]) {
    expect(problems).toContain(start);
  }
});

test('problems between variables are found, too', () => {
  expect(problemsOf({ VOLCENGINE_ACCESS_KEY: 'AKLT' })).toContain('VOLCENGINE_SECRET_KEY is missing');
  const local = { siem: { ...siem, url: 'http://127.0.0.1/' } };
  expect(endpoints(local)).toContain('siem.url must be an https URL');
  expect(endpoints(local, { WEBHOOK_EGRESS: 'unrestricted' })).toBe('');
});

test('half a pair of keys is found beside invalid accounts', () => {
  const problems = configurationProblems({ VOLCENGINE_ACCOUNTS: '{"a":null}', VOLCENGINE_ACCESS_KEY: 'x' });
  expect(problems).toEqual([
    'VOLCENGINE_ACCOUNTS is wrong: a must be an object',
    'VOLCENGINE_SECRET_KEY is missing beside the other half of the keys',
  ]);
});

describe('an entry that contradicts another', () => {
  test('an account that no region may use', () => {
    expect(accounts({ secretId: 's', regions: [] })).toContain('a.regions must have at least one region');
  });

  test('a via of no account, although the role is invalid, too', () => {
    const problems = accounts({ assumeRole: { roleTrn: 'no role', via: 'nobody' } });
    expect(problems).toContain('a.assumeRole.roleTrn must be a role');
    expect(problems).toContain('a.assumeRole.via must be the alias of another account');
  });

  test('a session token without keys', () => {
    expect(problemsOf({ VOLCENGINE_SESSION_TOKEN: 'hunter2' })).toBe(
      'VOLCENGINE_SESSION_TOKEN is there without VOLCENGINE_ACCESS_KEY and VOLCENGINE_SECRET_KEY',
    );
  });

  test.each(['a secret', 'a\u0000b', ' s', ''])('secretId %j, in every variable', (secretId) => {
    expect(accounts({ secretId })).toContain('a.secretId must be the name or the ARN of a secret');
    expect(sources({ t: { ...source, secrets: [{ secretId }] } })).toContain('t.secrets.0');
    expect(endpoints({ t: { ...siem, secrets: [{ secretId }] } })).toContain('t.secrets.0');
  });

  test('a secret of blanks', () => {
    expect(sources({ t: { ...source, secrets: [' '.repeat(20)] } })).toContain(
      't.secrets.0 must be at least 16 characters that are no blanks',
    );
  });

  const bothDeadlines = 'ACTIVATION_DEADLINE_MS and PENDING_DEADLINE_MS';
  test.each<[Record<string, string>, string, string]>([
    [{ PENDING_DEADLINE_MS: '2000', ACTIVATION_DEADLINE_MS: '1000' }, 'PENDING_DEADLINE_MS', 'ACTIVATION'],
    [{ PENDING_DEADLINE_MS: '86400001' }, 'PENDING_DEADLINE_MS', 'ACTIVATION_DEADLINE_MS'],
    [
      { REPLICA_LAG_MS: '3000', PENDING_DEADLINE_MS: '2000', ACTIVATION_DEADLINE_MS: '2000' },
      'REPLICA_LAG_MS',
      bothDeadlines,
    ],
    [{ RETRY_BASE_MS: '2000', RETRY_CAP_MS: '1000' }, 'RETRY_BASE_MS', 'RETRY_CAP_MS'],
  ])('durations: %j', (environment, longer, shorter) => {
    expect(durationProblems(environment).join()).toContain(`${longer} must not be above ${shorter}`);
  });

  test('a set duration that makes a default pointless is no problem', () => {
    expect(durationProblems({ ACTIVATION_DEADLINE_MS: '1000', RETRY_CAP_MS: '10' })).toEqual([]);
    expect(durationProblems({ RETRY_BASE_MS: 'abc', RETRY_CAP_MS: '10' })).toEqual([]);
  });
});

test('warns about configured but unused and misspelt variables', () => {
  const keys = { VOLCENGINE_ACCESS_KEY: 'AKLT', VOLCENGINE_SECRET_KEY: 'x' };
  const both = { ...keys, VOLCENGINE_ACCOUNTS: '{"default": {"secretId": "s"}}' };
  expect(configurationWarnings(both)).toEqual([
    'VOLCENGINE_ACCESS_KEY is not used: VOLCENGINE_ACCOUNTS has default.',
  ]);
  const select = { flowLogIds: 'ids', region: 'region' };
  const misspelt = JSON.stringify({ t: { ...source, regions: ['cn-bejing'], select } });
  expect(configurationWarnings({ WEBHOOK_SOURCES: misspelt }).join()).toMatch(
    /^WEBHOOK_SOURCES: t\.regions\.0 is no known region\. The nearest are cn-beijing/,
  );
  expect(unknownVariables(['WEBHOOKS_SOURCES', 'AWS_REGIONS', 'PWD', 'PATH'])).toEqual([
    'WEBHOOKS_SOURCES is not read. Is WEBHOOK_SOURCES meant?',
  ]);
  expect(unknownVariables(['DATA_DIRECTORY'], ['DATA_DIR'])).toEqual([
    'DATA_DIRECTORY is not read. Is DATA_DIR meant?',
  ]);
});

describe('an entry that can never work is a problem', () => {
  const sourceWith = (options: object, more: Record<string, string> = {}) =>
    sources(
      { a: { ...source, ...options } },
      { VOLCENGINE_ACCOUNTS: '{"prod": {"secretId": "s"}}', ...more },
    );

  test('a type of no event, and a URL beside an invalid endpoint', () => {
    const types = ['flow-log-activation.complted', 'flow-log-activation', 'flow-log-batch.completed.v1'];
    expect(endpoints({ siem: { ...siem, types } })).toBe(
      'WEBHOOK_ENDPOINTS is wrong: siem.types.0 is the type of no event',
    );
    const problems = endpoints({ a: { ...siem, secrets: [] }, b: { ...siem, url: 'http://10.0.0.1/' } });
    expect(problems).toContain('a.secrets must have at least one secret');
    expect(problems).toContain('b.url must be an https URL');
  });

  test('a source for accounts that are not configured or never used', () => {
    const account = { select: { flowLogIds: 'ids', account: 'account' } };
    expect(sourceWith({ accounts: ['prod', 'default'] })).toBe('');
    expect(sourceWith({ accounts: ['prod'], ...account })).toBe('');
    expect(sourceWith({ accounts: ['default', 'prdo'], ...account })).toBe(
      'WEBHOOK_SOURCES is wrong: a.accounts.1 must be the alias of an account that is configured',
    );
    expect(sourceWith({ accounts: ['prod'] })).toMatch(/a\.accounts must have default among them, or select/);
  });

  test('a source for regions that are never used', () => {
    const regions = ['cn-shanghai'];
    expect(sourceWith({ regions }, { VOLCENGINE_REGION: 'cn-shanghai' })).toBe('');
    expect(sourceWith({ regions }, { VOLCENGINE_REGION: 'cn-beijing' })).toMatch(
      /a\.regions must have VOLCENGINE_REGION among them/,
    );
  });
});

describe('no problem repeats a value', () => {
  /** Represents a text that must not be shown: a key, a secret, a token in a URL. */
  const SECRET = 'Zq7Zq7Zq7x0Zq7Zq7Zq7x0Zq7';
  const VARIABLES = ['VOLCENGINE_ACCOUNTS', 'WEBHOOK_SOURCES', 'WEBHOOK_ENDPOINTS'];
  const OPTIONS = [
    ...['accessKey', 'secretKey', 'sessionToken', 'secretId', 'regions', 'assumeRole', 'roleTrn', 'via'],
    ...['scheme', 'secrets', 'select', 'when', 'flowLogIds', 'header', 'prefix', 'algorithm', 'url', 'types'],
    ...['__proto__', 'constructor', SECRET, `${SECRET}==`, `${SECRET}.${SECRET}`],
  ];
  const text = fc.oneof(
    fc.constantFrom(SECRET, `${SECRET}==`, `whsec_${SECRET}`, `AKLT${SECRET}`, `https://u:${SECRET}@h/`),
    fc.constantFrom(`http://h/${SECRET}?a=${SECRET}`, `${SECRET}[`, `"${SECRET}"`, `'${SECRET}`),
    fc.constantFrom(`\`${SECRET}`),
    fc.constantFrom(`${SECRET}(@)`, `@.${SECRET}(`, `trn:iam::1:role/${SECRET} x`, `\n${SECRET}`, ''),
    fc.constantFrom('github', 'hmac', 'standard-webhooks', 'default', 'a', 'cn-beijing'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom<unknown>(null, true, 7, 1e21),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...OPTIONS), tie('value'), { maxKeys: 5 }),
    ),
  }));
  const byName = fc.dictionary(
    fc.constantFrom('a', 'default', SECRET, `${SECRET}=`, `AKLT${SECRET}`, 'a b', '__proto__'),
    value,
  );

  test('of invalid JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VARIABLES), byName, fc.nat(), (variable, options, cutAt) => {
        const json = JSON.stringify(options);
        const cut = json.slice(0, cutAt % (json.length + 1));
        for (const given of [json, cut, `${json.slice(0, -1)},${json.slice(1)}`]) {
          expect(problemsOf({ [variable]: given })).not.toContain(SECRET.slice(0, 9));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('of any other variable', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TUNABLE_VARIABLES), text, (variable, given) => {
        expect(problemsOf({ [variable]: given })).not.toContain(SECRET.slice(0, 9));
      }),
    );
  });
});

test.each([
  ['POLL_TICKMS', 'POLL_TICKMS is not read. Is POLL_TICK_MS meant?'],
  ['WEBHOOKSOURCES', 'WEBHOOKSOURCES is not read. Is WEBHOOK_SOURCES meant?'],
  ['RING_AFTER_MS', 'RING_AFTER_MS is not read any more. It is REQUEUE_AFTER_MS now.'],
  ['POLL_WHEN_IDLE', 'POLL_WHEN_IDLE is not read any more. Delete it.'],
  ['WORKER_CONCURRENCY', 'WORKER_CONCURRENCY is not read any more. Delete it.'],
  ['VOLCENGINE_ACCOUNT', 'VOLCENGINE_ACCOUNT is not read. Is VOLCENGINE_ACCOUNTS meant?'],
])('%s looks like a variable of ours', (name, warning) => {
  expect(unknownVariables([name])).toEqual([warning]);
});

test('variables of others are ignored', () => {
  expect(unknownVariables(['PATH', 'AWS_REGION', 'POWERTOOLS_DEV', 'POLL_TICK_MS', 'RATES'])).toEqual([]);
});

test('warns about an unknown region with its place and the nearest regions', () => {
  const accounts = { second: { secretId: 's', regions: ['cn-beijing', 'cn-shangai'] } };
  const environment = { VOLCENGINE_REGION: 'cn-bejing', VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) };
  expect(configurationWarnings(environment)).toEqual([
    expect.stringMatching(/^VOLCENGINE_REGION is no known region\. The nearest are cn-beijing, /),
    expect.stringMatching(
      /^VOLCENGINE_ACCOUNTS: second\.regions\.1 is no known region\. The nearest are cn-shanghai, /,
    ),
  ]);
  expect(configurationWarnings({ ...environment, VOLCENGINE_ENDPOINT: 'http://own.example' })).toEqual([]);
  expect(configurationWarnings({})).toEqual([]);
});
