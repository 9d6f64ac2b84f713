import { require } from './surface.ts';

export type CapturedOutput = {
  /** Holds the log to its promise: every line is one JSON object, whatever the input that it tells of. */
  check(): void;
  restore(): void;
};

/** Takes what is written to standard output and standard error until `restore`. */
export function captureOutput(): CapturedOutput {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  let text = '';
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  return {
    check() {
      const lines = text.split('\n').filter((line) => line !== '');
      text = '';
      for (const line of lines)
        require(isJsonObject(line), () => `a log line is not JSON: ${line.slice(0, 500)}`);
    },
    restore() {
      for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
    },
  };
}

function isJsonObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
