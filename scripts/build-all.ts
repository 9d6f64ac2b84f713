import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildWithinBudgets, checkBudgets } from './build.ts';
import { consoleBundle } from './build-console.ts';
import { buildPackage } from './build-package.ts';

readCommandLine({
  command: 'npm run build',
  about: `Bundles every function into dist/<function>/index.mjs, and makes the package of callers and subscribers in
dist/package: the command, its page, the client, the events. Prints the sizes. Exits with 1 when a bundle is over its budget.`,
  examples: [''],
});

try {
  await buildWithinBudgets();
  await buildPackage();
  await checkBudgets([await consoleBundle()]);
} catch (error) {
  reportFailure(error);
}
