import { expect, test } from 'vitest';
import { COMMAND_PAGE, commandPage } from '../../scripts/command-page.ts';
import { readPage } from './documents/page.ts';

test('the page of the command is what the commands make: `npm run contracts` writes it', async () => {
  expect(await readPage(COMMAND_PAGE)).toBe(commandPage());
});
