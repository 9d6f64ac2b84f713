import { expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import { findRegexes } from './regex-surface.ts';
import { runSurface } from './run-surface.ts';
import { SURFACES } from './surfaces.ts';

/** The share of `npm run fuzz` that runs every time; the same inputs each time. */
const INPUTS = 500;
const SEED = 20_260_102;

test.each(SURFACES.map((surface) => [surface.name, surface] as const))(
  '%s: no input breaks it',
  async (_name, surface) => {
    const report = await runSurface(surface, { inputs: INPUTS, seed: SEED });
    expect(report.findings.map(({ kind, index, message }) => `${kind} (input ${index}): ${message}`)).toEqual(
      [],
    );
    expect(report.accepted + report.refused).toBe(INPUTS);
    expect(report.accepted > 0 && report.refused > 0).toBe(surface.hasBothVerdicts);
  },
  120_000,
);

test('every route of the API is a surface', () => {
  const names = SURFACES.map(({ name }) => name);
  const routes = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  expect(routes.filter((route) => !names.includes(route))).toEqual([]);
});

test('the regular expressions are found, also after return and in a list', () => {
  const sources = findRegexes().map(({ source }) => source);
  expect(sources).toEqual(
    expect.arrayContaining(['^[\\w.]+$', '^b-[a-z0-9]{32}$', "[!'()*]", 'freez|froze|冻结']),
  );
});
