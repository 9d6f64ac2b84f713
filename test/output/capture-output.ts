/**
 * The code under test logs to standard output, past the test runner. Handed to the runner's console it belongs to
 * its test: shown when that fails, and not otherwise.
 */
for (const [stream, print] of [
  [process.stdout, console.log],
  [process.stderr, console.error],
] as const) {
  const write = stream.write.bind(stream);
  let isPrinting = false;
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    // With --disable-console-intercept the console writes to the stream itself.
    if (isPrinting) return write(text);
    isPrinting = true;
    if (text !== '') print(text.replace(/\n$/, ''));
    isPrinting = false;
    const onWritten = rest.at(-1);
    if (typeof onWritten === 'function') queueMicrotask(() => onWritten());
    return true;
  };
}

/** Colours are the caller's: what a test or a program that it starts prints is plain. */
for (const name of ['FORCE_COLOR', 'CLICOLOR_FORCE', 'NO_COLOR', 'NODE_DISABLE_COLORS'])
  delete process.env[name];
