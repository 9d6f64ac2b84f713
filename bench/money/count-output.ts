/** What this process has written to its standard output since this module was loaded: nothing of it comes out. */
export const written = { lines: 0, bytes: 0 };

process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  written.bytes += Buffer.byteLength(text);
  written.lines += text.split('\n').length - 1;
  const done = rest.at(-1);
  if (typeof done === 'function') done();
  return true;
};
