import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TUNABLE_VARIABLES, unknownVariables } from '../../functions/wiring/check-configuration.ts';
import { formerSettingProblems } from '../../scripts/former-settings.ts';
import { SETTINGS } from '../../scripts/settings.ts';
import { needsHistory, PROJECT, releaseCommit, releasedFile } from './released-version.ts';

beforeEach(needsHistory);

const Stack = v.object({
  custom: v.record(v.string(), v.unknown()),
  functions: v.record(v.string(), v.object({ environment: v.record(v.string(), v.unknown()) })),
});

function stackOf(version: string) {
  const text = releasedFile(releaseCommit(version), 'serverless.yml') ?? '';
  return { text, ...v.parse(Stack, parse(text, { logLevel: 'silent', merge: true })) };
}

describe.each(['0.3.0', '0.4.0', '0.5.0', '0.6.0'])('a setting of %s', (version) => {
  test('in `custom` is refused by name, and the setting that is named in its place exists', () => {
    const { text, custom } = stackOf(version);
    const problems = formerSettingProblems(text);
    const unnamed = Object.keys(custom).filter(
      (name) => !problems.some((one) => one.includes(`custom.${name}`)),
    );
    // These are where they were.
    expect(unnamed).toEqual(['stage', 'serviceName']);
    const named = problems.flatMap((one) => / is the setting (\w+)\.$/.exec(one)?.[1] ?? []);
    expect(named.filter((name) => SETTINGS[name] === undefined)).toEqual([]);
  });

  test('has the default that it had, or the page of upgrades names it', async () => {
    const page = await readFile(`${PROJECT}/docs/guides/upgrade.md`, 'utf8');
    const { custom } = stackOf(version);
    const changed = Object.entries(custom).filter(([name, value]) => {
      const setting = SETTINGS[name];
      return (
        setting !== undefined && String(setting.default) !== String(value) && setting.byStage === undefined
      );
    });
    expect(changed.filter(([name]) => !page.includes(name))).toEqual([]);
  });

  test('as a variable is read, or is called by name', () => {
    const { functions } = stackOf(version);
    const ofCustom = Object.values(functions).flatMap(({ environment }) =>
      Object.entries(environment).flatMap(([name, value]) =>
        String(value).includes('custom.') ? [name] : [],
      ),
    );
    expect(ofCustom).toContain('RATE_LIMIT_PER_SECOND');
    const unread = [...new Set(ofCustom)].filter((name) => !TUNABLE_VARIABLES.includes(name));
    expect(unread.filter((name) => unknownVariables([name]).length === 0)).toEqual([]);
  });
});

test('what is left of settings in serverless.yml today is nothing', async () => {
  expect(formerSettingProblems(await readFile(`${PROJECT}/serverless.yml`, 'utf8'))).toEqual([]);
});
