import type { Command } from './command.ts';
import { activate } from './commands/activate.ts';
import { cancel } from './commands/cancel.ts';
import { completion } from './commands/completion.ts';
import { failures } from './commands/failures.ts';
import { get } from './commands/get.ts';
import { list } from './commands/list.ts';
import { redrive } from './commands/redrive.ts';
import { watch } from './commands/watch.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  activate,
  get,
  list,
  failures,
  watch,
  redrive,
  cancel,
  completion,
];
