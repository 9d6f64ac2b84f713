import { glob, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileParameterised, compileTemplate } from '../../../scripts/compile-template.ts';
import { parameterNameOf } from '../../../scripts/fill-parameters.ts';
import { formerSettingProblems } from '../../../scripts/former-settings.ts';
import { InvalidParametersError, readSettingOptions } from '../../../scripts/setting-options.ts';
import { SETTINGS, type Setting, settingProblems, whatItTakes } from '../../../scripts/settings.ts';
import { tempDir } from '../../support/temp-dir.ts';

const settings = Object.entries(SETTINGS);

/** Values at the borders of what the setting takes. */
function samplesOf(setting: Setting): { taken: string[]; refused: string[] } {
  const text = String(setting.default);
  switch (setting.kind) {
    case 'whole':
    case 'number': {
      const { from, to } = setting;
      return { taken: [text, `${from}`, `${to}`], refused: [`${from - 1}`, `${to + 1}`, 'abc', '', '1e3'] };
    }
    case 'boolean':
      return { taken: ['true', 'false'], refused: ['yes', 'True', '', '1'] };
    case 'choice':
      return { taken: setting.values.map(String), refused: ['', 'none'] };
    case 'json':
      return { taken: [text, '{}'], refused: ['', '{', '[]', 'null', '"x"'] };
    case 'schedule':
      return { taken: [text, 'rate(2 days)'], refused: ['', 'hourly', 'rate()'] };
    case 'text':
      return { taken: [text], refused: ['', 'two words', 'ftp://x'] };
  }
}

describe.each(settings)('%s', (name, setting) => {
  const { taken, refused } = samplesOf(setting);

  test('takes its default and the ends of its range, and says what it takes of anything else', () => {
    expect(taken.flatMap((value) => settingProblems({ [name]: value }))).toEqual([]);
    for (const value of refused) {
      expect(settingProblems({ [name]: value })).toEqual([`${name} must be ${whatItTakes(setting)}.`]);
    }
  });

  test('is a parameter with the same default, and CloudFormation takes nothing that is refused', async () => {
    const { Parameters } = await compileParameterised();
    const parameter = v.parse(Parameter, Parameters[parameterNameOf(name)]);
    expect(parameter).toMatchObject({ Default: String(setting.default), Description: setting.description });
    expect(taken.filter((value) => !isTakenBy(parameter, value))).toEqual([]);
    if (setting.kind === 'json') return;
    // It takes other notations of numbers.
    const notations = ['1e3', '1.5'];
    expect(refused.filter((value) => !notations.includes(value) && isTakenBy(parameter, value))).toEqual([]);
  }, 120_000);
});

const Parameter = v.looseObject({
  Type: v.picklist(['String', 'Number']),
  Default: v.string(),
  AllowedValues: v.optional(v.array(v.union([v.string(), v.number()]))),
  AllowedPattern: v.optional(v.string()),
  MinValue: v.optional(v.number(), Number.NEGATIVE_INFINITY),
  MaxValue: v.optional(v.number(), Number.POSITIVE_INFINITY),
});

/** As CloudFormation decides. */
function isTakenBy(parameter: v.InferOutput<typeof Parameter>, value: string): boolean {
  const { Type, AllowedValues, AllowedPattern = '', MinValue, MaxValue } = parameter;
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(value)) return false;
  if (Type === 'String') return new RegExp(`^(?:${AllowedPattern})`).test(value);
  return value !== '' && Number(value) >= MinValue && Number(value) <= MaxValue;
}

type Variable = { name: string; parse(text: string | undefined): unknown };
const Variable = v.custom<Variable>((value) =>
  v.is(v.looseObject({ name: v.string(), parse: v.function() }), value),
);

/** Every variable that functions/wiring/ reads, by name. */
async function variablesOfFunctions(): Promise<Map<string, Variable>> {
  const directory = join(import.meta.dirname, '../../../functions/wiring');
  const paths = await Array.fromAsync(glob('*.ts', { cwd: directory }));
  const modules: object[] = await Promise.all(paths.map((path) => import(join(directory, path))));
  const groups = modules
    .flatMap((each) => Object.values(each))
    .filter((each) => v.is(v.record(v.string(), Variable), each));
  return new Map(groups.flatMap((each) => Object.values<Variable>(each)).map((each) => [each.name, each]));
}

describe('the variable of a setting', () => {
  let variables: Map<string, Variable>;
  beforeAll(async () => {
    variables = await variablesOfFunctions();
  });
  const parsed = (variable: string, value?: string) => {
    const { parse } = variables.get(variable) ?? expect.unreachable(`No function reads ${variable}.`);
    return parse(value);
  };
  const withVariable = settings.flatMap(([name, { variable, ...setting }]) =>
    variable === undefined ? [] : [[name, variable, setting as Setting] as const],
  );

  test.each(withVariable)('%s: %s has its default and its range', (_name, variable, setting) => {
    if (setting.byStage === undefined) {
      expect(parsed(variable)).toEqual(parsed(variable, String(setting.default)));
    }
    if (setting.kind !== 'whole' && setting.kind !== 'number') return;
    const { taken, refused } = samplesOf(setting);
    for (const value of taken) expect(parsed(variable, value)).toBe(Number(value));
    for (const value of refused.filter((each) => each !== '')) {
      expect(() => parsed(variable, value)).toThrow('must be a');
    }
  });
});

describe('a setting that is given', () => {
  test.each([
    ['ratepersecond', 'ratePerSecond'],
    ['RatePerSecond', 'ratePerSecond'],
    ['RATE_LIMIT_PER_SECOND', 'ratePerSecond'],
    ['driftCheck.enabled', 'driftCheckEnabled'],
    ['pollTick', 'pollTickMs'],
    ['webhookEndpoint', 'webhookEndpoints'],
  ])('by the wrong name %s names the nearest right one, %s', (wrong, right) => {
    const [problem] = settingProblems({ [wrong]: '1' });
    expect(problem).toMatch(new RegExp(`^There is no setting ${wrong}\\. The nearest is ${right}\\.$`));
  });

  test.each(['nope', 'policies'])('by the name %s, which is near to none, names where all are', (wrong) => {
    expect(settingProblems({ [wrong]: '1' })).toEqual([
      `There is no setting ${wrong}. All are in docs/reference/configuration.md.`,
    ]);
  });

  test('by a name of every object is none', () => {
    expect(settingProblems({ constructor: '1' })).toEqual([
      expect.stringContaining('no setting constructor'),
    ]);
  });

  test('is where it belongs in the template, and every other default stays', async () => {
    const given = { ratePerSecond: '10', driftCheckEnabled: 'false', webhookEndpoints: '{"a":{}}' };
    const before = JSON.stringify(await compileTemplate());
    const after = JSON.stringify(await compileTemplate({ settings: given }));
    expect(after).toBe(
      before
        .replaceAll('"RATE_LIMIT_PER_SECOND":"4"', '"RATE_LIMIT_PER_SECOND":"10"')
        .replace('"rate(1 hour)","State":"ENABLED"', '"rate(1 hour)","State":"DISABLED"')
        .replace('"WEBHOOK_ENDPOINTS":"{}"', '"WEBHOOK_ENDPOINTS":"{\\"a\\":{}}"')
        .replace('"Fn::Equals":["{}","{}"]', '"Fn::Equals":["{\\"a\\":{}}","{}"]'),
    );
  }, 120_000);

  test('may be in a file, in any form of JSON. --param is stronger', async () => {
    const params = join(await tempDir(), 'prod.json');
    const webhookEndpoints = { crm: { url: 'https://crm.example' } };
    await writeFile(
      params,
      JSON.stringify({ ratePerSecond: 10, driftCheckEnabled: false, webhookEndpoints }),
    );
    expect(await readSettingOptions({ params, param: { ratePerSecond: '12' } })).toEqual({
      ratePerSecond: '12',
      driftCheckEnabled: 'false',
      webhookEndpoints: JSON.stringify(webhookEndpoints),
    });
  });

  test.each([
    [
      '{"ratePerSecond": 0, "nope": 1}',
      ['ratePerSecond must be a number from 0.01 to 100000.', /^There is no/],
    ],
    ['[]', [/must be JSON, an object of settings by name\.$/]],
    ['{', [/must be JSON/]],
  ])('in the file %s is refused, all of it at once', async (text, sentences) => {
    const params = join(await tempDir(), 'prod.json');
    await writeFile(params, text);
    const error = await readSettingOptions({ params, param: undefined }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidParametersError);
    expect(error).toHaveProperty(
      'sentences',
      sentences.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });
});

test('settings that are left in serverless.yml, where earlier versions had them, are refused by name, never by value', () => {
  const custom = {
    stage: 'x',
    ownOfSomebody: 1,
    ringAfterMs: 180_001,
    pollWhenIdle: 'tick',
    driftCheck: { rate: 'rate(2 hours)' },
  };
  const problems = formerSettingProblems(JSON.stringify({ service: 'flow-log-activator', custom }));
  expect(problems).toEqual([
    'serverless.yml: custom.ringAfterMs is not read any more. Delete it; its value is the setting requeueAfterMs.',
    'serverless.yml: custom.pollWhenIdle has no effect any more. Delete it.',
    'serverless.yml: custom.driftCheck.rate is not read any more. Delete it; its value is the setting driftCheckRate.',
  ]);
  expect(formerSettingProblems(JSON.stringify({ service: 'another', custom }))).toEqual([]);
});
