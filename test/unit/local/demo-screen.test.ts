import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { clip, pad, wrap } from '../../../clients/terminal/layout.ts';
import type { Terminal } from '../../../clients/terminal/live-lines.ts';
import { SCENARIOS } from '../../../local/demo/scenarios.ts';
import { createScreen, finalLines, prose } from '../../../local/demo/screen.ts';
import type { Sight } from '../../../local/demo/verdict.ts';
import { FakeTerminal } from '../../support/fakes/fake-terminal.ts';

function sight(
  status: 'queued' | 'pending' | 'completed' | 'failed',
  flowLogId: string,
  attempts = 1,
): Sight {
  const type = `flow-log-activation.${status}.v1`;
  const activationId = `default.cn-beijing.${flowLogId}.b-${'0'.repeat(32)}`;
  const end = { id: `${activationId}.1.${status}`, type, flowLogId, batchIds: ['b'], at: 1 };
  return {
    activation: {
      activationId,
      flowLogId,
      status,
      attempts,
      ...(status === 'failed' && { reason: 'frozen' }),
    },
    events: status === 'completed' || status === 'failed' ? [end] : [],
    deadLetters: [],
  };
}

const sightsOf = (status: Parameters<typeof sight>[0], attempts?: number) =>
  new Map(SCENARIOS.map(({ flowLogId }) => [flowLogId, sight(status, flowLogId, attempts)]));

describe('the table of the demo', () => {
  test.each([40, 60, 72, 80, 85, 86, 120, 200])('is drawn in its place at %i columns', (columns) => {
    const terminal = new FakeTerminal(columns);
    const screen = createScreen(SCENARIOS, Date.now(), terminal, { TERM: 'xterm' });
    screen.show(sightsOf('queued'));
    screen.show(sightsOf('pending', 3));
    screen.show(sightsOf('completed'));
    expect(terminal.lines).toHaveLength(SCENARIOS.length + 3);
    for (const [index, { flowLogId }] of SCENARIOS.entries()) {
      expect(terminal.lines[index]).toMatch(new RegExp(`^ {2}${flowLogId} +completed`));
    }
  });

  test('counts wide characters twice', () => {
    const scenarios = SCENARIOS.map((scenario) => ({
      ...scenario,
      story: '流日志正在启用，请稍候，这一行很长很长很长很长',
    }));
    const terminal = new FakeTerminal(60);
    const screen = createScreen(scenarios, Date.now(), terminal, {});
    for (const status of ['queued', 'pending'] as const) screen.show(sightsOf(status));
    expect(terminal.lines).toHaveLength(SCENARIOS.length + 3);
    expect(terminal.lines[0]).toMatch(/^ {2}fl-plain .*流日志.*…$/);
  });

  test('begins anew when the width has changed', () => {
    const terminal = new FakeTerminal(120);
    const screen = createScreen(SCENARIOS, Date.now(), terminal, {});
    screen.show(sightsOf('queued'));
    terminal.columns = 50;
    screen.show(sightsOf('pending'));
    expect(terminal.lines).toHaveLength(SCENARIOS.length + 3);
  });

  test.each([
    ['piped', new FakeTerminal(80, false), {}],
    ['in a dumb terminal', new FakeTerminal(80), { TERM: 'dumb' }],
    ['in a CI', new FakeTerminal(80), { CI: 'true' }],
    ['when it would scroll', Object.assign(new FakeTerminal(80), { rows: 12 }), {}],
  ])('is a line for each change %s', (_, terminal, env) => {
    const screen = createScreen(SCENARIOS, Date.now(), terminal, env);
    screen.show(sightsOf('queued'));
    screen.show(sightsOf('queued'));
    screen.show(new Map(sightsOf('queued')).set('fl-plain', sight('pending', 'fl-plain')));
    expect(terminal.lines).toHaveLength(SCENARIOS.length + 2);
    expect(terminal.lines.at(-2)).toMatch(/^ +\d+\.\d s {2}fl-plain +pending$/);
  });
});

describe('the end of the demo', () => {
  const ends = SCENARIOS.map((scenario) => ({
    scenario,
    sight: sight('completed', scenario.flowLogId, 3),
    wrong: ['a: 1 instead of 2'],
  }));

  test.each([40, 80, 120, 200])('names every event at %i columns', (columns) => {
    const lines = finalLines(ends, new FakeTerminal(columns)).map(stripVTControlCharacters);
    const wide = columns === 200;
    expect(lines).toHaveLength(SCENARIOS.length * (wide ? 2 : 3));
    if (columns >= 80) expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
    expect(
      lines.filter((line) => /^[✗ ].*\.1\.completed$|^default\.\S+\.1\.completed$/.test(line)),
    ).toHaveLength(SCENARIOS.length);
  });

  test('is one line each, and plain, when piped', () => {
    const lines = finalLines(ends, new FakeTerminal(40, false));
    expect(lines[0]).toMatch(
      /^✗ fl-plain +completed, call 3 +default\.cn-beijing\.fl-plain\.\S+\.1\.completed$/,
    );
  });
});

test('prose is broken between words in a terminal, and not in a pipe', () => {
  const text = 'one two three four\nfive';
  const terminal = (isTTY: boolean): Terminal => new FakeTerminal(10, isTTY);
  expect(prose(text, terminal(true))).toBe('one two\nthree four\nfive');
  expect(prose(text, terminal(false))).toBe(text);
});

test('widths are those of a terminal', () => {
  expect([clip('abcdef', 4), clip('流日志', 4), clip('流日志', 6), clip('abc', 0)]).toEqual([
    'abc…',
    '流…',
    '流日志',
    '',
  ]);
  expect([pad('ab', 4), pad('流', 4), pad('abcdef', 4)]).toEqual(['ab  ', '流  ', 'abcdef']);
  expect(wrap('流日 志志 a', 6)).toBe('流日\n志志 a');
});
