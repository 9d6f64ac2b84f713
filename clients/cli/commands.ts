import type { Command } from './command.ts';
import { activate } from './commands/activate.ts';
import { batch } from './commands/batch.ts';
import { cancel } from './commands/cancel.ts';
import { completion } from './commands/completion.ts';
import { config } from './commands/config.ts';
import { openConsole } from './commands/console.ts';
import { deactivate } from './commands/deactivate.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { failures } from './commands/failures.ts';
import { get } from './commands/get.ts';
import { list } from './commands/list.ts';
import { operations } from './commands/operations.ts';
import { pause, resume } from './commands/pause.ts';
import { plan } from './commands/plan.ts';
import { policy } from './commands/policy.ts';
import { redrive } from './commands/redrive.ts';
import { report } from './commands/report.ts';
import { retry } from './commands/retry.ts';
import { status } from './commands/status.ts';
import { tail } from './commands/tail.ts';
import { watch } from './commands/watch.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  activate,
  plan,
  batch,
  deactivate,
  status,
  get,
  list,
  failures,
  report,
  policy,
  watch,
  tail,
  openConsole,
  redrive,
  cancel,
  retry,
  operations,
  doctor,
  config,
  pause,
  resume,
  completion,
  demo,
];
