import { buildWithinBudgets } from './build.ts';
import { buildEvents } from './build-events.ts';
import { readCommandLine, reportFailure } from './command-line.ts';

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
