import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildWithinBudgets } from './build.ts';
import { buildEvents } from './build-events.ts';

readCommandLine({
  command: 'npm run build',
  about: `Bundles every function into dist/<function>/index.mjs, and the package of the subscribers into dist/events. Prints
the sizes. Exits with 1 when a bundle is over its budget.`,
  examples: [''],
});

try {
  await buildWithinBudgets();
  await buildEvents();
} catch (error) {
  reportFailure(error);
}
