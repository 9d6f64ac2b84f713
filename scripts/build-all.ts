import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildWithinBudgets } from './build.ts';
import { buildCommand } from './build-command.ts';
import { buildEvents } from './build-events.ts';

readCommandLine({
  command: 'npm run build',
  about: `Bundles every function into dist/<function>/index.mjs, the package of the subscribers into dist/events, and
the command into dist/cli. Prints the sizes. Exits with 1 when a bundle is over its budget.`,
  examples: [''],
});

try {
  await buildWithinBudgets();
  await buildEvents();
  await buildCommand();
} catch (error) {
  reportFailure(error);
}
