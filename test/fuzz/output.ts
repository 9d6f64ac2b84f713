import { defineSurface, require, type Surface, type SurfaceDefinition } from './surface.ts';

/** Holds the log to its promise, after each input: every line is one JSON object, whatever the input. */
export function defineLoggingSurface<Input>(definition: SurfaceDefinition<Input>): Surface {
  let output: CapturedOutput | undefined;
  return defineSurface({
    ...definition,
    async open() {
      const close = await definition.open?.();
      output = captureOutput();
      return async () => {
        output?.restore();
        await close?.();
      };
    },
    async probe(input) {
      try {
        return await definition.probe(input);
      } finally {
        output?.check();
      }
    },
  });
}

type CapturedOutput = {
  /** Throws Violation for a line that is not one JSON object. */
  check(): void;
  /** What was written since the last check. */
  text(): string;
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
    text: () => text,
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
