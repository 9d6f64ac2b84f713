import { createRequire } from 'node:module';
import * as v from 'valibot';
import { printable } from '../clients/terminal/printable.ts';
import { editDistance } from '../lib/volcengine/known-regions.ts';

const common = {
  group: v.string(),
  description: v.string(),
  more: v.optional(v.string(), ''),
  variable: v.optional(v.string()),
  byStage: v.optional(v.string()),
};
const range = { from: v.number(), to: v.number(), default: v.number() };

const Setting = v.variant('kind', [
  v.strictObject({
    ...common,
    kind: v.literal('text'),
    pattern: v.string(),
    must: v.string(),
    default: v.string(),
  }),
  v.strictObject({ ...common, kind: v.literal('json'), default: v.string() }),
  v.strictObject({ ...common, kind: v.literal('whole'), ...range }),
  v.strictObject({ ...common, kind: v.literal('number'), ...range }),
  v.strictObject({ ...common, kind: v.literal('boolean'), default: v.boolean() }),
  v.strictObject({
    ...common,
    kind: v.literal('choice'),
    values: v.array(v.union([v.string(), v.number()])),
    default: v.union([v.string(), v.number()]),
  }),
  v.strictObject({ ...common, kind: v.literal('schedule'), default: v.string() }),
]);

export type Setting = v.InferOutput<typeof Setting>;

/** The table in infra/settings.cjs. It is JavaScript, because osls reads it too. */
export const SETTINGS: Readonly<Record<string, Setting>> = v.parse(
  v.object({ SETTINGS: v.record(v.string(), Setting) }),
  createRequire(import.meta.url)('../infra/settings.cjs'),
).SETTINGS;

/** The default of a setting whose value depends on the stage. */
const BY_STAGE = 'by-stage';

/** Returns a sentence for each name that is no setting, and for each value that its setting does not take. */
export function settingProblems(given: Readonly<Record<string, string>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (setting === undefined) {
      const nearest = nearestSetting(name);
      const which = nearest ? `The nearest is ${nearest}.` : 'All are in docs/reference/configuration.md.';
      return [`There is no setting ${printable(name)}. ${which}`];
    }
    return isTaken(setting, value) ? [] : [`${name} must be ${whatItTakes(setting)}.`];
  });
}

/** What the value must be, for people. */
export function whatItTakes(setting: Setting): string {
  switch (setting.kind) {
    case 'text':
      return setting.must;
    case 'json':
      return 'a JSON object';
    case 'whole':
      return `a whole number from ${setting.from} to ${setting.to}`;
    case 'number':
      return `a number from ${setting.from} to ${setting.to}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${setting.values.join(', ')}`;
    case 'schedule':
      return 'rate(…) or cron(…)';
  }
}

function isTaken(setting: Setting, value: string): boolean {
  switch (setting.kind) {
    case 'text':
      return new RegExp(setting.pattern).test(value);
    case 'json':
      return (setting.byStage !== undefined && value === BY_STAGE) || isJsonObject(value);
    case 'whole':
      return /^\d+$/.test(value) && Number(value) >= setting.from && Number(value) <= setting.to;
    case 'number':
      return /^\d+(\.\d+)?$/.test(value) && Number(value) >= setting.from && Number(value) <= setting.to;
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'choice':
      return setting.values.map(String).includes(value);
    case 'schedule':
      return /^(rate|cron)\(.+\)$/.test(value);
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z\d]/g, '');

/** Also by the name of its variable, or by one written with other capitals or dots. None if half of it would be wrong. */
function nearestSetting(name: string): string | undefined {
  const errors = (known: string) => editDistance(plain(known), plain(name));
  const [nearest] = Object.entries(SETTINGS)
    .map(([known, { variable = known }]) => ({
      known,
      errors: Math.min(errors(known), errors(variable)),
    }))
    .sort((one, other) => one.errors - other.errors);
  return nearest && nearest.errors < plain(name).length / 2 ? nearest.known : undefined;
}
