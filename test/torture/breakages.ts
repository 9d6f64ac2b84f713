import type { Evidence } from './ledger.ts';
import type { Violation } from './violation.ts';

export type Breakage = {
  what: string;
  kind: Violation['kind'];
  change: (good: Evidence) => Partial<Evidence>;
};

/** What may go wrong in a run, each done to the evidence of a good one: every one must be found. */
export const BREAKAGES: Breakage[] = [
  {
    what: 'an activation that does not end',
    kind: 'lost',
    change: ({ activations }) => ({
      activations: activations.map((one) => ({ ...one, status: 'pending' as const })),
    }),
  },
  { what: 'an activation that nobody knows', kind: 'lost', change: () => ({ activations: [] }) },
  {
    what: 'a batch that is not done',
    kind: 'lost',
    change: ({ batches }) => ({ batches: batches.map((batch) => ({ ...batch, done: false })) }),
  },
  { what: 'a batch that lists less', kind: 'lost', change: () => ({ lists: [['a.fl-good'], []] }) },
  {
    what: 'a final event that never came',
    kind: 'lost',
    change: ({ events }) => ({ events: events.filter(({ type }) => !type.includes('completed')) }),
  },
  {
    what: 'a second final event',
    kind: 'duplicate',
    change: ({ events }) => ({
      events: [...events, ...events.map((event) => ({ ...event, id: `${event.id}.again` }))],
    }),
  },
  {
    what: 'a final event of the other kind',
    kind: 'wrong',
    change: ({ events }) => ({
      events: events.map((event) => ({ ...event, type: event.type.replace('completed', 'failed') })),
    }),
  },
  {
    what: 'an event told in other bytes',
    kind: 'duplicate',
    change: ({ events }) => ({
      events: [...events, ...events.map((event) => ({ ...event, body: `${event.body} ` }))],
    }),
  },
  {
    what: 'an event of nobody',
    kind: 'wrong',
    change: ({ events }) => ({
      events: [...events, ...events.map((event) => ({ ...event, id: 'x', activationId: 'a.other' }))],
    }),
  },
  {
    what: 'a joiner that is not named',
    kind: 'lost',
    change: ({ events }) => ({ events: events.map((event) => ({ ...event, batchIds: ['b-1'] })) }),
  },
  { what: 'a batch whose end is not told', kind: 'lost', change: () => ({ batchEvents: [] }) },
  {
    what: 'a batch that ends twice',
    kind: 'duplicate',
    change: ({ batchEvents }) => ({
      batchEvents: [...batchEvents, ...batchEvents.map((event) => ({ ...event, id: `${event.id}.again` }))],
    }),
  },
  {
    what: 'the end of a batch told in other bytes',
    kind: 'duplicate',
    change: ({ batchEvents }) => ({
      batchEvents: [...batchEvents, ...batchEvents.map((event) => ({ ...event, body: `${event.body} ` }))],
    }),
  },
  {
    what: 'the end of a batch that counts otherwise',
    kind: 'wrong',
    change: ({ batchEvents }) => ({
      batchEvents: batchEvents.map((event) => ({ ...event, counts: { completed: 2, failed: 0 } })),
    }),
  },
  {
    what: 'the end of a batch of nobody',
    kind: 'wrong',
    change: ({ batchEvents }) => ({
      batchEvents: [...batchEvents, ...batchEvents.map((event) => ({ ...event, id: 'x', batchId: 'b-9' }))],
    }),
  },
  {
    what: 'an event of a type that nothing calls for',
    kind: 'wrong',
    change: () => ({ otherEvents: [{ id: 'x', type: 'flow-log.drifted.v1', body: '{}' }] }),
  },
  { what: 'a failure without a dead letter', kind: 'lost', change: () => ({ deadLetters: [] }) },
  {
    what: 'a dead letter of one that completed',
    kind: 'wrong',
    change: ({ deadLetters }) => ({
      deadLetters: [
        ...deadLetters,
        ...deadLetters.map((deadLetter) => ({ ...deadLetter, activationId: 'a.fl-good' })),
      ],
    }),
  },
  {
    what: 'a dead letter of an earlier generation that has not failed',
    kind: 'wrong',
    change: ({ deadLetters }) => ({
      deadLetters: [...deadLetters, ...deadLetters.map((deadLetter) => ({ ...deadLetter, generation: 2 }))],
    }),
  },
  {
    what: 'a message in the poison queue',
    kind: 'wrong',
    change: () => ({
      poison: [{ body: '{"activationId":"a.fl-good","generation":1}', reason: 'unreadable' }],
    }),
  },
  {
    what: 'a second ClientToken',
    kind: 'duplicate',
    change: ({ calls }) => ({
      calls: [...calls, ...calls.map((one) => ({ ...one, clientToken: `${one.at}` }))],
    }),
  },
  {
    what: 'a call without a ClientToken',
    kind: 'wrong',
    change: ({ calls }) => ({ calls: calls.map((one) => ({ ...one, clientToken: undefined })) }),
  },
  {
    what: 'a flow log that was started after the end',
    kind: 'duplicate',
    change: ({ calls }) => ({ calls: calls.map((one) => ({ ...one, at: 9_000 })) }),
  },
  {
    what: 'a flow log that was started twice',
    kind: 'duplicate',
    change: ({ flowLogs }) => ({ flowLogs: flowLogs.map((one) => ({ ...one, effectiveActivations: 2 })) }),
  },
  {
    what: 'completed, but not Active',
    kind: 'wrong',
    change: ({ flowLogs }) => ({ flowLogs: flowLogs.map((one) => ({ ...one, status: 'Pending' })) }),
  },
  {
    what: 'another reason than planned',
    kind: 'wrong',
    change: ({ activations }) => ({
      activations: activations.map((one) => (one.reason ? { ...one, reason: 'not-found' } : one)),
    }),
  },
  {
    what: 'a deadline that came too early',
    kind: 'wrong',
    change: ({ activations }) => ({
      activations: activations.map((one) => (one.reason ? { ...one, reason: 'deadline-exceeded' } : one)),
    }),
  },
  {
    what: 'a replay that is answered otherwise',
    kind: 'wrong',
    change: ({ requests }) => ({
      requests: requests.map((one) => ({ ...one, replays: [{ ...one.answer, batchId: 'b-9' }] })),
    }),
  },
  {
    what: 'an outbox that is not empty',
    kind: 'lost',
    change: ({ leftovers }) => ({ leftovers: { ...leftovers, untold: ['F#x 0'] } }),
  },
  {
    what: 'an item still due',
    kind: 'wrong',
    change: ({ leftovers }) => ({ leftovers: { ...leftovers, due: ['F#x 0'] } }),
  },
  {
    what: 'an index that says something else than its table',
    kind: 'wrong',
    change: ({ leftovers }) => ({ leftovers: { ...leftovers, misindexed: ['F#x 0'] } }),
  },
  {
    what: 'a batch that nobody looks at',
    kind: 'wrong',
    change: ({ leftovers }) => ({ leftovers: { ...leftovers, overdueBatches: ['B#x 0'] } }),
  },
];
