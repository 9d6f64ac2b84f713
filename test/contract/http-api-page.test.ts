import { expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import { codesIn, readPage, rowsOf, sectionOf } from './documents/page.ts';

test('the routes are those of the API', async () => {
  const page = await readPage('docs/reference/http-api.md');
  const documented = rowsOf(sectionOf(page, 'Routes')).flatMap(([route = '']) =>
    codesIn(route).filter((code) => /^[A-Z]+ \//.test(code)),
  );
  const routes = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  expect(documented.sort()).toEqual(routes.sort());
});
