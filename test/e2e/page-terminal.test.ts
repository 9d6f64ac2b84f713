import { expect, test } from 'vitest';
import { openTerminal } from './page-terminal.ts';

test('what programs print is told apart, however it interleaves, and ends where the block ends', async () => {
  const terminal = openTerminal({ NAME: 'given' });
  const meter = `printf '  0     0' >&2; printf '{"a":1}'; printf '\\r100   272' >&2; echo; echo 'a line of its own'`;
  expect(await terminal.run(meter)).toEqual({
    stdout: '{"a":1}\na line of its own\n',
    stderr: '  0     0\r100   272',
  });
  expect(await terminal.run('kept="$NAME, and kept"')).toEqual({ stdout: '', stderr: '' });
  expect((await terminal.run('echo "$kept"')).stdout).toBe('given, and kept\n');
});

test('a program that reads standard input does not take the next command', async () => {
  const terminal = openTerminal({});
  expect((await terminal.run('cat; echo after')).stdout).toBe('after\n');
});
