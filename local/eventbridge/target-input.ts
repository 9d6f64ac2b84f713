import { InvalidEventPatternError, isObject } from './pattern-operators.ts';

export type TargetInput = { input?: string; inputPath?: string };

const SIMPLE_PATH = /^\$(\.[A-Za-z0-9_-]+)*$/;

/** Throws for what `targetInput` cannot apply. */
export function assertSupportedInputPath(path: string): void {
  if (!SIMPLE_PATH.test(path)) {
    throw new InvalidEventPatternError(`Unsupported InputPath ${path}: only names and dots are`);
  }
}

/** Returns the body for a target: the constant input, the part that the path names, or the whole event. */
export function targetInput(event: unknown, target: TargetInput): string {
  if (target.input !== undefined) return target.input;
  const names = (target.inputPath ?? '$').split('.').slice(1);
  const part = names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), event);
  return JSON.stringify(part ?? {});
}
