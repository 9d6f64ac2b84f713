import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildWithinBudgets } from './build.ts';
import { buildPackage } from './build-package.ts';

readCommandLine({
  command: 'npm run build',
  about: `Bundles every function into dist/<function>/index.mjs, and makes the package of callers and subscribers in
dist/package: the command, the client, the events. Prints the sizes. Exits with 1 when a bundle is over its budget.`,
  examples: [''],
});

try {
  await buildWithinBudgets();
  await buildPackage();
} catch (error) {
  reportFailure(error);
}
