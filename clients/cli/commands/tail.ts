import { setTimeout as sleep } from 'node:timers/promises';
import { take } from '../../http/api.ts';
import type { Activation, FlowLogActivator } from '../../http/client.ts';
import { integer } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';
import { causeOf, STATUS_STYLES, stateOf } from '../describe.ts';
import type { Output } from '../output.ts';

/** How many of each list are looked at. */
const LOOK_AT = 200;

export const tail = defineCommand({
  name: 'tail',
  group: 'Look',
  summary: 'print every change of state, live, until Ctrl-C',
  about: `It asks the service every few seconds, for the latest ${LOOK_AT} activations and those that are open. A state
between two looks is not seen. For every event, subscribe to the bus: docs/guides/subscribers.md.`,
  options: { every: integer({ help: 'seconds between two looks', from: 1, to: 300, fallback: 2 }) },
  examples: [
    ['', 'what happens now'],
    ['--output json | jq .flowLogId', 'for a program: one activation a line'],
  ],
  async run({ connect, out, signal }, { values: { every } }) {
    const service = await connect();
    const seen = new Map<string, string>();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      for (const activation of await look(service)) {
        const { activationId, updatedAt } = activation;
        if (seen.get(activationId) === updatedAt) continue;
        seen.set(activationId, updatedAt);
        if (!isFirst) show(out, activation);
      }
      await sleep(every * 1_000, undefined, { signal }).catch(() => undefined);
    }
    return EXIT.ok;
  },
});

/** The open ones, also old ones, and the latest; the oldest change first. */
async function look({ activations }: FlowLogActivator): Promise<Activation[]> {
  const lists = await Promise.all(
    [{}, { status: 'pending' as const }, { status: 'queued' as const }].map((filter) =>
      take(activations({ ...filter, limit: LOOK_AT }), LOOK_AT),
    ),
  );
  const byId = new Map(lists.flat().map((activation) => [activation.activationId, activation]));
  return [...byId.values()].sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
}

function show(out: Output, activation: Activation): void {
  out.value(activation);
  const state = out.paint(STATUS_STYLES[activation.status], stateOf(activation));
  const cause = causeOf(activation);
  out.print(`${activation.updatedAt}  ${activation.flowLogId}  ${state}${cause && `  ${cause}`}`);
}
