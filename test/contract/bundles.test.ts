import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, buildFunctions, findOverspending, readBudgets } from '../../scripts/build.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { CACHE_DIR } from '../../scripts/osls.ts';
import { LICENSES_FILE } from '../../scripts/third-party-licenses.ts';
import { functionOf, functionsOf } from './template-resources.ts';

/** What Lambda sets for every function, besides the function's own variables. */
const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'ap-southeast-1',
  AWS_ACCESS_KEY_ID: 'key-of-the-role',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-role',
};

// Outside of any node_modules: what a bundle did not bring along is not found.
let elsewhere: string;
// Inside, so that the sources below can import packages.
let workbench: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
  await mkdir(CACHE_DIR, { recursive: true });
  workbench = await mkdtemp(join(CACHE_DIR, 'bundles-'));
});
afterAll(async () => {
  await rm(elsewhere, { recursive: true, force: true });
  await rm(workbench, { recursive: true, force: true });
});

/** Prints an expression about a bundle, which is imported by a process with these variables only. */
async function evaluate(bundle: Bundle, expression: string, env: Record<string, string>): Promise<string> {
  const path = join(elsewhere, `${bundle.name}.mjs`);
  await copyFile(bundle.path, path);
  const script = `const bundle = await import(${JSON.stringify(path)}); process.stdout.write(String(${expression}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: elsewhere,
    env,
  });
  return stdout;
}

describe('the functions', () => {
  let bundles: Bundle[];
  beforeAll(async () => {
    bundles = await buildFunctions({ outDir: join(workbench, 'dist') });
  }, 60_000);

  test('have one bundle each, by the name in serverless.yml', async () => {
    const deployed = functionsOf(await compileTemplate()).map(({ name }) => name);
    expect(bundles.map(({ name }) => name)).toEqual(deployed.sort());
  }, 120_000);

  test('are within their budgets', async () => {
    expect(findOverspending(bundles, await readBudgets())).toEqual([]);
  });

  test('start with nothing but their bundle and the environment of the template', async () => {
    const template = await compileTemplate();
    for (const bundle of bundles) {
      const { Variables } = functionOf(template, bundle.name).Environment;
      const env = { ...LAMBDA_ENVIRONMENT, ...Variables };
      const type = await evaluate(bundle, 'typeof bundle.handler', env);
      expect([bundle.name, type]).toEqual([bundle.name, 'function']);
    }
  }, 120_000);

  test.each<[string, string[]]>([
    ['read-activations', ['valibot', '@middy/core', '@aws-sdk/client-dynamodb', '@smithy/core']],
    ['activate-flow-log', ['undici', '@aws-sdk/client-secrets-manager', '@aws-lambda-powertools/logger']],
    ['receive-webhook', ['standardwebhooks', 'jmespath']],
  ])('%s brings the licences of what is in it', async (name, packages) => {
    const { path = '' } = bundles.find((bundle) => bundle.name === name) ?? {};
    const text = await readFile(join(dirname(path), LICENSES_FILE), 'utf8');
    for (const packageName of packages) expect(text).toMatch(new RegExp(`^${packageName} \\d`, 'm'));
    expect(text).toContain('Apache License');
    expect(text).toContain('Copyright (c) Middy contributors\n\nPermission is hereby granted');
    // Each text once, however many packages it is of.
    const texts = text.match(/TERMS AND CONDITIONS FOR USE, REPRODUCTION/g)?.length ?? 0;
    expect(texts).toBeLessThan(text.match(/\(Apache-2\.0\)$/gm)?.length ?? 0);
    expect(text).not.toMatch(/^(vitest|esbuild|flow-log-activator) /m);
  });

  test('bring no credential providers but the one of the environment', async () => {
    for (const { path } of bundles) {
      expect(await readFile(path, 'utf8')).not.toMatch(/fromSSO|fromIni|fromInstanceMetadata/);
    }
  });
});

describe('buildFunctions', () => {
  async function buildSource(source: string): Promise<Bundle> {
    const functionsDir = await mkdtemp(join(workbench, 'functions-'));
    await writeFile(join(functionsDir, 'example.ts'), source);
    const [bundle] = await buildFunctions({ functionsDir, outDir: join(functionsDir, 'dist') });
    return bundle ?? expect.unreachable();
  }

  test('takes AWS credentials from the environment, and says so when there are none', async () => {
    const bundle = await buildSource(
      `import { SQSClient } from '@aws-sdk/client-sqs';
       export const credentials = () => new SQSClient({ region: 'eu-west-1' }).config.credentials();`,
    );
    const keyId = '(await bundle.credentials()).accessKeyId';
    expect(await evaluate(bundle, keyId, LAMBDA_ENVIRONMENT)).toBe('key-of-the-role');
    await expect(evaluate(bundle, keyId, {})).rejects.toThrow(
      'Unable to find environment variable credentials',
    );
  });

  test('signs webhooks as the library does that it brings', async () => {
    const bundle = await buildSource(
      `import { Webhook } from 'standardwebhooks';
       export const sign = () => new Webhook('whsec_Zm9yIHRoZSB0ZXN0IGFsb25lLCAyNCBieXRlcw==')
         .sign('msg_1', new Date(1_767_323_045_000), '{"text":"冻结 😀"}');`,
    );
    const ours = new Webhook('whsec_Zm9yIHRoZSB0ZXN0IGFsb25lLCAyNCBieXRlcw==');
    const signature = ours.sign('msg_1', new Date(1_767_323_045_000), '{"text":"冻结 😀"}');
    expect(await evaluate(bundle, 'bundle.sign()', {})).toBe(signature);
  });

  test('brings an undici that can make requests', async () => {
    const bundle = await buildSource(
      `import { Pool } from 'undici';
       export async function get(origin) {
         const pool = new Pool(origin);
         const { body } = await pool.request({ method: 'GET', path: '/' });
         const text = await body.text();
         await pool.close();
         return text;
       }`,
    );
    const server = createServer((_request, response) => response.end('a response')).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const address = v.parse(v.object({ port: v.number() }), server.address());
      const call = `await bundle.get('http://127.0.0.1:${address.port}')`;
      expect(await evaluate(bundle, call, {})).toBe('a response');
    } finally {
      server.close();
    }
  });

  test('leaves a bundle alone that has not changed', async () => {
    const functionsDir = await mkdtemp(join(workbench, 'functions-'));
    const build = async () => {
      const [bundle] = await buildFunctions({ functionsDir, outDir: join(functionsDir, 'dist') });
      return (await stat(bundle?.path ?? '')).ino;
    };
    await writeFile(join(functionsDir, 'example.ts'), 'export const handler = () => 1;');
    const first = await build();
    expect(await build()).toBe(first);
    await writeFile(join(functionsDir, 'example.ts'), 'export const handler = () => 2;');
    expect(await build()).not.toBe(first);
  });

  test('fails with the place of the mistake, or when there is nothing to build', async () => {
    await expect(buildSource('export const handler = ;')).rejects.toThrow('example.ts:1:23');
    await expect(buildFunctions({ functionsDir: join(elsewhere, 'none') })).rejects.toThrow('no functions');
  });
});

test.each([
  { bytes: 10, found: [] },
  { bytes: 11, found: ['example is 1 bytes over its budget of 10.'] },
])('a bundle of $bytes bytes in a budget of 10', ({ bytes, found }) => {
  expect(findOverspending([{ name: 'example', path: '', bytes }], { example: 10 })).toEqual(found);
});

test('a bundle without a budget is over it', () => {
  expect(findOverspending([{ name: 'example', path: '', bytes: 1 }], {})).toEqual([
    'example has no budget in scripts/bundle-budget.json.',
  ]);
});
