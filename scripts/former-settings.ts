import * as v from 'valibot';
import { parse } from 'yaml';
import { SETTINGS } from './settings.ts';

/** By the name that it had in `custom`; the name of today, or undefined if nothing has taken its place. */
const RENAMED: ReadonlyMap<string, string | undefined> = new Map([
  ['ringAfterMs', 'requeueAfterMs'],
  ['pollWhenIdle', undefined],
]);

const Stack = v.object({
  service: v.literal('flow-log-activator'),
  custom: v.record(v.string(), v.unknown()),
});

/**
 * Versions up to 0.6 had their settings in `custom` of serverless.yml, where nobody reads them any more: a value that
 * is left there would have no effect. Returns a sentence for each, with what to do, never with its value.
 */
export function formerSettingProblems(serverlessYml: string): string[] {
  const stack = v.safeParse(Stack, parse(serverlessYml, { logLevel: 'silent' }));
  if (!stack.success) return [];
  return Object.entries(stack.output.custom)
    .flatMap(([name, value]) => placesOf(name, value))
    .flatMap((place) => {
      const name = place.replaceAll(/\.(.)/g, (_, first: string) => first.toUpperCase());
      const setting = RENAMED.has(name) ? RENAMED.get(name) : name;
      if (setting === undefined)
        return [`serverless.yml: custom.${place} has no effect any more. Delete it.`];
      if (!Object.hasOwn(SETTINGS, setting)) return [];
      return [
        `serverless.yml: custom.${place} is not read any more. Delete it; its value is the setting ${setting}.`,
      ];
    });
}

/** `driftCheck: {enabled, rate}` was two settings, of which each has a name of its own now. */
function placesOf(name: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [name];
  return Object.entries(value).flatMap(([key, inner]) => placesOf(`${name}.${key}`, inner));
}
