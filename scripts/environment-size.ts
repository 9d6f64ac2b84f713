/**
 * Lambda's quota for all variables of a function together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
 * It measures them as JSON, so that each quotation mark in a value counts twice ("String measured: {…" in its error
 * message: https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594).
 */
const LIMIT_BYTES = 4096;

/** The number of variables that the message names: the largest ones. */
const LARGEST = 3;

/** Longer than the URL of any of our queues, whose names are generated. */
const REFERENCE = 'x'.repeat(130);

/** Returns by how much the variables of a function exceed Lambda's limit, and the largest ones. */
export function environmentSizeProblem(
  functionName: string,
  variables: Record<string, unknown>,
): string | undefined {
  const values = Object.entries(variables)
    .filter(([, value]) => !isNothing(value))
    .map(([name, value]) => [name, textOf(value)] as const);
  const bytes = bytesOf(Object.fromEntries(values));
  if (bytes <= LIMIT_BYTES) return undefined;
  const largest = values
    .map(([name, value]) => ({ name, bytes: bytesOf({ [name]: value }) - '{}'.length }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, LARGEST)
    .map((each) => `${each.name} ${each.bytes}`);
  return `${functionName} has ${bytes} bytes of environment variables, and Lambda takes ${LIMIT_BYTES}. The largest: ${largest.join(', ')}.`;
}

/** `!Ref AWS::NoValue` removes a variable. */
function isNothing(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Ref' in value && value.Ref === 'AWS::NoValue';
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? REFERENCE : String(value);
}

function bytesOf(variables: Record<string, string>): number {
  return Buffer.byteLength(JSON.stringify(variables));
}
