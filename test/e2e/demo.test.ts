import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../../local/demo/scenarios.ts';
import { delaysToEvent, differences, isOver, median, type Sight } from '../../local/demo/verdict.ts';
import { tempDir } from '../support/temp-dir.ts';
import { until } from './world.ts';

const completed: Sight = {
  activation: { activationId: 'a', flowLogId: 'fl-plain', status: 'completed', attempts: 1, adopted: false },
  events: [
    {
      id: 'a.1.submitted',
      type: 'flow-log-activation.submitted.v1',
      flowLogId: 'fl-plain',
      batchIds: ['b'],
      at: 1,
    },
    {
      id: 'a.1.completed',
      type: 'flow-log-activation.completed.v1',
      flowLogId: 'fl-plain',
      batchIds: ['b'],
      adopted: false,
      at: 3_500,
    },
  ],
  deadLetters: [],
  effectiveActivations: 1,
  activeAt: 1_000,
};

describe('the verdict', () => {
  const [plain] = SCENARIOS;
  if (plain === undefined) throw new Error('unreachable');
  const [submitted, final] = completed.events;
  if (submitted === undefined || final === undefined) throw new Error('unreachable');
  const changed: [string, Sight][] = [
    ['another status', { ...completed, activation: { ...completed.activation, status: 'failed' } as never }],
    ['more calls', { ...completed, activation: { ...completed.activation, attempts: 2 } as never }],
    ['no final event', { ...completed, events: [submitted] }],
    ['two final events', { ...completed, events: [submitted, final, { ...final, id: 'a.2.completed' }] }],
    ['a dead letter', { ...completed, deadLetters: [{ activationId: 'a', reason: 'frozen' }] }],
    ['started twice at Volcengine', { ...completed, effectiveActivations: 2 }],
    ['nothing seen at all', { events: [], deadLetters: [] }],
  ];

  test('is good when all is as planned, duplicates of an event included', () => {
    expect(differences(plain, completed)).toEqual([]);
    expect(differences(plain, { ...completed, events: [...completed.events, final] })).toEqual([]);
    expect(isOver(completed)).toBe(true);
  });

  test.each(changed)('is bad with %s', (_what, sight) => {
    expect(differences(plain, sight)).not.toEqual([]);
  });

  test('measures from Active at Volcengine to the event on the bus', () => {
    expect(delaysToEvent([completed, { events: [], deadLetters: [] }])).toEqual([2_500]);
    expect([median([]), median([1, 2, 9]), median([1, 2])]).toEqual([undefined, 2, 1.5]);
  });
});

test('the demo itself: every scenario as planned, one line each with its event id', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['local/demo/demo.ts'], {
    timeout: 100_000,
  });
  for (const { flowLogId, end } of SCENARIOS) {
    expect(stdout).toMatch(
      new RegExp(
        `✓ ${flowLogId} +${end.status}.* default\\.cn-beijing\\.${flowLogId}\\..*\\.1\\.${end.status}`,
      ),
    );
  }
  expect(stdout).toContain(`${SCENARIOS.length} of ${SCENARIOS.length} ended as planned`);
  expect(stdout).toMatch(/median \d+\.\d\d s/);
}, 110_000);

test.each([
  ['Ctrl-C', 'SIGINT', 130, 'while it starts', 'Starting'],
  ['Ctrl-C', 'SIGINT', 130, 'while it waits', 'Asking'],
  ['A closed terminal', 'SIGHUP', 129, 'while it waits', 'Asking'],
] as const)(
  '%s (%s, %i) %s: a sentence, and nothing is left',
  async (_what, signal, exitCode, _when, word) => {
    const directory = await tempDir();
    const demo = spawn(process.execPath, ['local/demo/demo.ts'], {
      env: { PATH: process.env.PATH, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    demo.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
    const complained = text(demo.stderr);
    const exited = once(demo, 'exit');
    await until(
      () => printed,
      (all) => all.includes(word),
    );
    const [, apiUrl] = /Asking (\S+)/.exec(printed) ?? [];
    demo.kill(signal);
    expect(await exited).toEqual([exitCode, null]);
    expect(await complained).toBe('');
    expect(printed).toContain('Interrupted: what was started has ended, and nothing is left of it.');
    expect(await readdir(directory)).toEqual([]);
    if (apiUrl !== undefined) await expect(fetch(apiUrl)).rejects.toThrow('fetch failed');
  },
);
