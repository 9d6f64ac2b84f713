import { setTimeout as sleep } from 'node:timers/promises';
import type { components } from '../../contracts/openapi.d.ts';
import { given } from '../http/api.ts';
import type { FlowLogActivator } from '../http/client.ts';
import { liveLines } from '../terminal/live-lines.ts';
import { printable } from '../terminal/printable.ts';
import { flag, type Option, word } from '../terminal/program.ts';
import { type Context, EXIT, type ExitStatus } from './command.ts';
import type { Output } from './output.ts';
import { sinceOption } from './since-option.ts';

type Schemas = components['schemas'];
type Request = Schemas['OperationRequest'];
export type Operation = Schemas['Operation'];

const POLL_MS = 1_000;
const group = 'Many at once';
const grouped = <Value>(option: Option<Value>): Option<Value> => ({ ...option, group });

/** Which activations an operation is for. All that are given must fit. */
export const FILTER_OPTIONS = {
  account: grouped(word('those of an account', 'alias')),
  region: grouped(word('those in a region of Volcengine', 'name')),
  batch: grouped(word('those of a batch', 'id')),
  since: grouped(sinceOption('those asked for since: 2h, 3d, or 2026-01-02T03:04:05Z')),
  all: grouped(flag('all for which it is possible')),
};
type FilterValues = { [Name in keyof typeof FILTER_OPTIONS]: (typeof FILTER_OPTIONS)[Name]['fallback'] };

/** Returns the filter of an operation, or undefined if no option filters. */
export function filterOf<More extends object>(
  { account, region, batch, since, all }: FilterValues,
  more: More,
) {
  const filter = {
    ...more,
    account,
    region,
    batchId: batch,
    createdFrom: since === undefined ? undefined : new Date(since).toISOString(),
    ...(all && { all: true as const }),
  };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}

/** Starts an operation and follows it to its end. */
export async function runOperation(context: Context, request: Request): Promise<ExitStatus> {
  const service = await context.connect();
  const { data } = await service.api.POST('/operations', {
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
    body: request,
  });
  const { operationId } = given(data);
  context.out.print(`Stored as ${operationId}.`);
  return followOperation(context, service, operationId);
}

export async function followOperation(
  context: Context,
  service: FlowLogActivator,
  operationId: string,
): Promise<ExitStatus> {
  const { out, signal, toGoOn } = context;
  toGoOn(`operations ${operationId} --follow`);
  const show = createShow(out);
  for (;;) {
    signal.throwIfAborted();
    const operation = await readOperation(service, operationId);
    show(progressOf(operation));
    if (operation.finishedAt !== undefined) return showEnd(context, operation);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** With all its refusals. */
export async function readOperation({ api }: FlowLogActivator, operationId: string): Promise<Operation> {
  const read = async (cursor?: string) => {
    const params = { path: { operationId }, query: { cursor } };
    return given((await api.GET('/operations/{operationId}', { params })).data);
  };
  const operation = await read();
  for (let { nextCursor } = operation; nextCursor !== undefined; ) {
    const page = await read(nextCursor);
    operation.refusals.push(...page.refusals);
    nextCursor = page.nextCursor;
  }
  return operation;
}

export function progressOf({ action, status, looked, done, refused }: Schemas['OperationSummary']): string {
  return `${action} ${status}: ${done} done, ${refused} refused, ${looked} looked at`;
}

function showEnd({ out }: Context, operation: Operation): ExitStatus {
  out.value(operation);
  for (const { activationId, why } of operation.refusals)
    out.print(`${activationId}  refused: ${printable(why)}`);
  return operation.refused > 0 ? EXIT.failed : EXIT.ok;
}

/** One line that is redrawn, or a line for each change. */
function createShow(out: Output): (line: string) => void {
  if (out.isJson) return () => undefined;
  if (out.isLive) {
    const draw = liveLines(out.terminal);
    return (line) => draw([line]);
  }
  let last: string | undefined;
  return (line) => {
    if (line !== last) out.print(line);
    last = line;
  };
}
