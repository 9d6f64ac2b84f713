import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  conditionsOf,
  InvalidSettingsError,
  readSettings,
  settingsWarnings,
} from '../../../local/settings.ts';
import { startLocalWorld } from '../../../local/world.ts';

describe('readSettings', () => {
  it('starts everything itself without an environment', () => {
    expect(readSettings({ PORT: '' })).toMatchObject({
      port: 3000,
      aws: { region: 'us-east-1', credentials: { accessKeyId: 'local' } },
      external: {},
      overrides: {},
    });
  });

  it('takes services that are set beforehand, with the keys for them', () => {
    const { external, aws } = readSettings({
      AWS_ENDPOINT_URL_SQS: 'http://localhost:9324/',
      VOLCENGINE_ENDPOINT: 'https://volcengine.internal',
      AWS_ACCESS_KEY_ID: 'mine',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    expect(external).toEqual({ sqs: 'http://localhost:9324', volcengine: 'https://volcengine.internal' });
    expect(aws.credentials).toEqual({ accessKeyId: 'mine', secretAccessKey: 'secret' });
  });

  it('is as fast as AWS, unless it is told otherwise', () => {
    expect(readSettings({}).speed).toBe(1);
    expect(readSettings({ LOCAL_SPEED: '60' }).speed).toBe(60);
    expect(() => readSettings({ LOCAL_SPEED: '0' })).toThrow('LOCAL_SPEED must be 1 to 9999');
  });

  it("takes Volcengine's own hosts, as a deployment does", () => {
    expect(readSettings({ VOLCENGINE_ENDPOINT: 'by-region' }).external).toEqual({ volcengine: 'by-region' });
    expect(() => readSettings({ VOLCENGINE_ENDPOINT: 'by-brand' })).toThrow(/^VOLCENGINE_ENDPOINT must be/);
  });

  it('shows no keys of the user to the emulators', () => {
    const { aws } = readSettings({ AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(aws.credentials).toEqual({ accessKeyId: 'local', secretAccessKey: 'local' });
  });

  it('takes a stack to run beside the service, relative to where it is started', () => {
    expect(readSettings({})).not.toHaveProperty('extraStackDir');
    expect(readSettings({ EXTRA_STACK: 'examples/subscribers' }).extraStackDir).toBe(
      resolve('examples/subscribers'),
    );
  });

  it('decides what hangs on whether there are webhook endpoints', () => {
    const conditions = (env: Record<string, string>) => conditionsOf(readSettings(env));
    expect(conditions({})).toEqual({});
    expect(conditions({ WEBHOOK_ENDPOINTS: '{}' })).toEqual({ HasWebhookEndpoints: false });
    const siem = { url: 'http://127.0.0.1:1/', secrets: [`whsec_${Buffer.alloc(24).toString('base64')}`] };
    const endpoints = { WEBHOOK_ENDPOINTS: JSON.stringify({ siem }) };
    expect(conditions(endpoints)).toEqual({ HasWebhookEndpoints: true });
  });

  it('hands on what may be tuned and nothing else', () => {
    const { overrides } = readSettings({ POLL_TICK_MS: '100', ACTIVATIONS_TABLE: 'mine', HOME: '/root' });
    expect(overrides).toEqual({ POLL_TICK_MS: '100', REQUEUE_AFTER_MS: '10000', REPLICA_LAG_MS: '5000' });
  });

  it('names everything that is wrong at once', () => {
    const read = () => readSettings({ PORT: 'http', AWS_ENDPOINT_URL_SQS: 'localhost' });
    expect(read).toThrow(InvalidSettingsError);
    expect(read).toThrow(/PORT.*\n.*AWS_ENDPOINT_URL_SQS/);
  });

  it.each([
    ...['http://user:hunter2@h', 'http://h?hunter2', 'http://h#hunter2', 'http:hunter2'],
    ...[' http://h', 'http://h:0'],
  ])('takes no endpoint of any service with more than a host and a port: %j', (url) => {
    const ofAws = ['SQS', 'DYNAMODB', 'EVENTBRIDGE'].map((each) => `AWS_ENDPOINT_URL_${each}`);
    const names = [...ofAws, 'VOLCENGINE_ENDPOINT'];
    const read = () => readSettings(Object.fromEntries(names.map((name) => [name, url])));
    for (const name of names) expect(read).toThrow(`${name} must be an http(s)://`);
    expect(read).not.toThrow('hunter2');
  });

  it('refuses an extra stack that is nowhere', () => {
    expect(() => readSettings({ EXTRA_STACK: '/no/such/directory' })).toThrow(
      /^EXTRA_STACK: there is no serverless\.yml in \/no\/such\/directory\.$/,
    );
  });

  it('is not alone: a start names a data directory that cannot be used beside all else', async () => {
    const dataDir = `${import.meta.filename}/x`;
    const env = { PORT: 'abc', POLL_TICK_MS: 'x', DATA_DIR: dataDir, EXTRA_STACK: '/none' };
    await expect(startLocalWorld({ env })).rejects.toThrow(
      /^PORT must be .*\nPOLL_TICK_MS must be .*\nEXTRA_STACK: .*\nThe data directory .* cannot be used: .* is not a directory/,
    );
  });

  it('names what is wrong for the functions in the same breath, and repeats no value', () => {
    const secret = 'AKLT-hunter2';
    const read = () =>
      readSettings({
        PORT: '99999',
        AWS_REGION: `${secret}!`,
        AWS_ENDPOINT_URL_SQS: `ftp://${secret}`,
        POLL_TICK_MS: secret,
        VOLCENGINE_ENDPOINT: `ftp://${secret}`,
        VOLCENGINE_ACCOUNTS: `{"default":{"accessKey":"${secret}"}`,
        WEBHOOK_SOURCES: JSON.stringify({ tickets: { scheme: 'github', secrets: ['hunter2'] } }),
      });
    expect(read).toThrow(
      /^PORT must be a port.*\nAWS_REGION .*\nAWS_ENDPOINT_URL_SQS must be an http\(s\):\/\/host\[:port\] URL: its scheme [^\n]*\n/,
    );
    for (const name of ['POLL_TICK_MS', 'VOLCENGINE_ENDPOINT', 'VOLCENGINE_ACCOUNTS', 'WEBHOOK_SOURCES']) {
      expect(read).toThrow(`\n${name} `);
    }
    expect(read).not.toThrow('hunter2');
  });

  it('warns of what looks like a variable and is not read', () => {
    const env = { POLL_TICKMS: '1', WEBHOOK_SOURCE: '', POLL_TICK_MS: '100', PORT: '0' };
    expect(settingsWarnings(env)).toEqual(['POLL_TICKMS is not read. Is POLL_TICK_MS meant?']);
  });
});
