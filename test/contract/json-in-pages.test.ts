import { describe, expect, test } from 'vitest';
import { configurationProblems } from '../../functions/wiring/check-configuration.ts';
import { parsePolicy } from '../../lib/config/policies.ts';
import { SETTINGS, settingProblems } from '../../scripts/settings.ts';
import { blocksIn, readPage } from './documents/page.ts';

async function jsonIn(page: string): Promise<Record<string, unknown>[]> {
  return blocksIn(await readPage(page), 'json').map((block) => JSON.parse(block));
}

/** Of one that a page shows without its name. */
const named = (options: Record<string, unknown>, key: string) =>
  key in options ? { example: options } : options;

describe('the configuration takes what the pages show:', () => {
  test('policies', async () => {
    const shown = await jsonIn('docs/guides/policies.md');
    expect(shown.length).toBeGreaterThan(5);
    for (const policy of shown.flatMap((block) => Object.values(block.policies ?? { block }))) {
      expect(parsePolicy('example', JSON.stringify(policy))).toHaveProperty('policy');
    }
  });

  test.each([
    ['accounts', 'docs/guides/accounts.md', 'VOLCENGINE_ACCOUNTS', 2],
    ['sources of webhooks', 'docs/guides/webhooks-in.md', 'WEBHOOK_SOURCES', 3],
    ['endpoints of webhooks', 'docs/guides/webhooks-out.md', 'WEBHOOK_ENDPOINTS', 2],
  ])('%s', async (_what, page, variable, count) => {
    // A trust policy is Volcengine's.
    const shown = (await jsonIn(page)).filter((block) => !('Statement' in block));
    expect(shown).toHaveLength(count);
    const problems = shown.flatMap((block) =>
      configurationProblems({ [variable]: JSON.stringify(named(block, 'scheme')) }),
    );
    expect(problems).toEqual([]);
  });

  test('settings', async () => {
    const ofBatches = (await jsonIn('docs/guides/batches.md')).filter((block) => !('type' in block));
    const shown = [...(await jsonIn('docs/reference/configuration.md')), ...ofBatches];
    expect(shown).toHaveLength(2);
    for (const block of shown) {
      const given = Object.entries(block).map(([name, value]) => {
        return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const;
      });
      const variables = given.flatMap(([name, value]) => {
        const variable = SETTINGS[name]?.variable;
        return variable === undefined ? [] : [[variable, value] as const];
      });
      expect(settingProblems(Object.fromEntries(given))).toEqual([]);
      expect(configurationProblems(Object.fromEntries(variables))).toEqual([]);
    }
  });
});
