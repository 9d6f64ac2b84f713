/** How a rule shapes the input of a target, as in PutTargets. */
export type InputTransformer = { template: string; paths: Record<string, string> };

class UnsupportedInputTransformerError extends Error {
  override name = 'UnsupportedInputTransformerError';
}

/** The supported variables of EventBridge itself. Others are refused. */
type Reserved = { ruleArn: string; ingestionTime: string };

const RULE_ARN = 'aws.events.rule-arn';
const INGESTION_TIME = 'aws.events.event.ingestion-time';

const VARIABLE = /<([A-Za-z0-9_.-]+)>/g;
const PATH = /^\$((?:\.[A-Za-z0-9_-]+|\[\d+\])*)$/;

/**
 * Throws for what `transformInput` cannot apply: a path with more than names, dots and numbers in brackets, an
 * undefined variable, and a template that is not JSON after the variables are filled in.
 */
export function assertSupportedTransformer({ template, paths }: InputTransformer): void {
  for (const path of Object.values(paths)) {
    if (!PATH.test(path))
      throw new UnsupportedInputTransformerError(`InputPathsMap: ${path} is not supported`);
  }
  for (const [, name = ''] of template.matchAll(VARIABLE)) {
    if (!Object.hasOwn(paths, name) && name !== RULE_ARN && name !== INGESTION_TIME) {
      throw new UnsupportedInputTransformerError(`InputTemplate: <${name}> is not supported`);
    }
  }
  parsed(fill(template, () => ''));
}

/**
 * Returns the input of a target, as a JSON document. Replaces a variable within quotes by its text, elsewhere by its
 * JSON, so that strings get their quotes:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * Throws for a variable that the event does not have: EventBridge's behaviour there is not published.
 */
export function transformInput(
  { template, paths }: InputTransformer,
  event: unknown,
  { ruleArn, ingestionTime }: Reserved,
): unknown {
  const reserved: Record<string, string> = { [RULE_ARN]: ruleArn, [INGESTION_TIME]: ingestionTime };
  const values = new Map<string, unknown>(Object.entries(reserved));
  for (const [name, path] of Object.entries(paths)) values.set(name, valueAt(event, path));
  return parsed(
    fill(template, (name) => {
      const value = values.get(name);
      if (value === undefined) throw new UnsupportedInputTransformerError(`The event has no <${name}>`);
      return value;
    }),
  );
}

function fill(template: string, lookUp: (name: string) => unknown): string {
  return template.replace(VARIABLE, (_, name: string, offset: number) => {
    const value = lookUp(name);
    if (!isQuoted(template.slice(0, offset))) return JSON.stringify(value);
    if (typeof value === 'object')
      throw new UnsupportedInputTransformerError(`<${name}> in quotes is not a text`);
    return JSON.stringify(String(value)).slice(1, -1);
  });
}

/** Returns whether the next character is within a JSON string. */
function isQuoted(before: string): boolean {
  return before.replaceAll(/\\./g, '').split('"').length % 2 === 0;
}

function valueAt(event: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]/g)].map(
    ([, name, index]) => name ?? index ?? '',
  );
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    event,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnsupportedInputTransformerError('InputTemplate: what it makes is not JSON');
  }
}
