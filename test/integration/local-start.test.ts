import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
/** serverless.yml may have to be compiled first. */
const TIMEOUT_MS = 90_000;

let dataDir: string;
const running: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await tempDir();
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function spawnStart(port = '0', more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env.PATH, PORT: port, DATA_DIR: dataDir, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const output = text(child.stdout);
  return { child, output, exited: once(child, 'exit') };
}

/** Starts it and resolves with the `Started` line, which says where everything is. */
async function startUntilReady(port?: string) {
  const started = spawnStart(port);
  const lines: string[] = [];
  started.child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  await expect
    .poll(() => lines.some((line) => line.includes('"Started"')), { timeout: TIMEOUT_MS, interval: 50 })
    .toBe(true);
  const line: Record<string, unknown> = JSON.parse(lines.find((each) => each.includes('"Started"')) ?? '');
  return { ...started, apiUrl: String(line.apiUrl), sqs: String(line.sqs) };
}

describe('npm start, piped', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'serves until %s, and leaves nothing running',
    { timeout: TIMEOUT_MS },
    async (signal) => {
      const { child, output, exited, apiUrl, sqs } = await startUntilReady();
      expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      for (const url of [apiUrl, sqs]) await expect(fetch(url)).rejects.toThrow('fetch failed');
      for (const line of (await output).trim().split('\n')) {
        expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), level: expect.any(String) });
      }
    },
  );

  it('says all that is configured wrong, by no value, and starts nothing', async () => {
    const { output, exited } = spawnStart('99999', {
      POLL_TICK_MS: 'hunter2',
      POLL_TICKMS: '1',
      VOLCENGINE_ACCOUNTS: '{"default": {"accessKey": "hunter2"}}',
    });
    expect(await exited).toEqual([1, null]);
    const said = await output;
    for (const name of [
      'PORT must',
      'POLL_TICK_MS must',
      'VOLCENGINE_ACCOUNTS is wrong: default.secretKey',
    ]) {
      expect(said).toContain(name);
    }
    expect(said).not.toContain('hunter2');
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('says that the data directory is in use, and ends with 1', { timeout: TIMEOUT_MS }, async () => {
    const { child } = await startUntilReady();
    const second = spawnStart();
    expect(await second.exited).toEqual([1, null]);
    expect(await second.output).toContain(`${dataDir} is in use by process ${child.pid}`);
  });

  it('ends its processes even when it is killed itself', { timeout: TIMEOUT_MS }, async () => {
    const { child, exited, apiUrl, sqs } = await startUntilReady();
    child.kill('SIGKILL');
    await exited;
    for (const url of [apiUrl, sqs]) {
      await expect
        .poll(
          () =>
            fetch(url).then(
              () => 'up',
              () => 'down',
            ),
          { timeout: 10_000, interval: 50 },
        )
        .toBe('down');
    }
  });

  it('starts at once where the one before was killed, on its port', { timeout: TIMEOUT_MS }, async () => {
    const { child, exited, apiUrl } = await startUntilReady();
    child.kill('SIGKILL');
    await exited;
    const again = await startUntilReady(new URL(apiUrl).port);
    expect((await fetch(`${again.apiUrl}/healthz`)).status).toBe(200);
  });
});
