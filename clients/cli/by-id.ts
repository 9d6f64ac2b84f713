import type { FlowLogActivator } from '../http/client.ts';
import { pairs, word } from '../terminal/program.ts';
import { type Context, EXIT, type ExitStatus } from './command.ts';
import { followToEnd, waitOption } from './waiting.ts';

/** Of the commands that ask for flow logs by their ids. */
export const BY_ID_OPTIONS = {
  wait: waitOption,
  region: word("Volcengine's region (default: that of the service)", 'name'),
  account: word('the alias of a Volcengine account (default: default)', 'alias'),
  key: word('idempotency key: the same key starts nothing twice', 'text'),
  metadata: pairs({ help: 'comes back in each event; may be repeated' }),
};

type Requested = Awaited<ReturnType<FlowLogActivator['activate']>>;

/** Follows what was stored if it is to be waited for. Otherwise shows it, and how to follow it. */
export async function followOrShow(
  context: Context,
  service: FlowLogActivator,
  requested: Requested,
  wait: number | undefined,
): Promise<ExitStatus> {
  if (wait !== undefined) return followToEnd(context, service, requested.batchId, wait);
  context.out.value(requested);
  context.out.print(`To follow: ${context.typed(`watch ${requested.batchId}`)}`);
  return EXIT.ok;
}
