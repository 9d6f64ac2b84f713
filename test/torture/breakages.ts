import type { Evidence } from './ledger.ts';
import type { Violation } from './violation.ts';

type Change = (good: Evidence) => Partial<Evidence>;
export type Breakage = [what: string, kind: Violation['kind'], change: Change];

/** The lists of the evidence that hold objects. */
type ObjectLists = Pick<
  Evidence,
  'activations' | 'batches' | 'batchEvents' | 'calls' | 'deadLetters' | 'events' | 'flowLogs' | 'requests'
>;
type Item<Name extends keyof ObjectLists> = ObjectLists[Name][number];
type ItemChange<Name extends keyof ObjectLists> = (item: Item<Name>) => Partial<Item<Name>>;

/** Changes every item of the list. */
const each =
  <Name extends keyof ObjectLists>(name: Name, change: ItemChange<Name>): Change =>
  (good) => ({ [name]: good[name].map((item) => ({ ...item, ...change(item) })) });

/** Keeps the list, and adds every item of it once more, changed. */
const eachAgain =
  <Name extends keyof ObjectLists>(name: Name, change: ItemChange<Name>): Change =>
  (good) => ({ [name]: [...good[name], ...good[name].map((item) => ({ ...item, ...change(item) }))] });

const leftOver =
  (found: Partial<Evidence['leftovers']>): Change =>
  ({ leftovers }) => ({ leftovers: { ...leftovers, ...found } });

const failedFor = (reason: string) =>
  each('activations', (one) => (one.reason === undefined ? {} : { reason }));
const toldOtherwise = ({ body }: { body: string }) => ({ body: `${body} ` });
const toldAgain = ({ id }: { id: string }) => ({ id: `${id}.again` });

/** What may go wrong in a run, each done to the evidence of a good one: every one must be found. */
export const BREAKAGES: Breakage[] = [
  ['an activation that does not end', 'lost', each('activations', () => ({ status: 'pending' as const }))],
  ['an activation that nobody knows', 'lost', () => ({ activations: [] })],
  ['a batch that is not done', 'lost', each('batches', () => ({ done: false }))],
  ['a batch that lists less', 'lost', () => ({ lists: [['a.fl-good'], []] })],
  [
    'a final event that never came',
    'lost',
    ({ events }) => ({ events: events.filter(({ type }) => !type.includes('completed')) }),
  ],
  ['a second final event', 'duplicate', eachAgain('events', toldAgain)],
  [
    'a final event of the other kind',
    'wrong',
    each('events', ({ type }) => ({ type: type.replace('completed', 'failed') })),
  ],
  ['an event told in other bytes', 'duplicate', eachAgain('events', toldOtherwise)],
  ['an event of nobody', 'wrong', eachAgain('events', () => ({ id: 'x', activationId: 'a.other' }))],
  ['a joiner that is not named', 'lost', each('events', () => ({ batchIds: ['b-1'] }))],
  ['a batch whose end is not told', 'lost', () => ({ batchEvents: [] })],
  ['a batch that ends twice', 'duplicate', eachAgain('batchEvents', toldAgain)],
  ['the end of a batch told in other bytes', 'duplicate', eachAgain('batchEvents', toldOtherwise)],
  [
    'the end of a batch that counts otherwise',
    'wrong',
    each('batchEvents', () => ({ counts: { completed: 2, failed: 0 } })),
  ],
  ['the end of a batch of nobody', 'wrong', eachAgain('batchEvents', () => ({ id: 'x', batchId: 'b-9' }))],
  [
    'an event of a type that nothing calls for',
    'wrong',
    () => ({ otherEvents: [{ id: 'x', type: 'flow-log.drifted.v1', body: '{}' }] }),
  ],
  ['a failure without a dead letter', 'lost', () => ({ deadLetters: [] })],
  [
    'a dead letter of one that completed',
    'wrong',
    eachAgain('deadLetters', () => ({ activationId: 'a.fl-good' })),
  ],
  [
    'a dead letter of an earlier generation that has not failed',
    'wrong',
    eachAgain('deadLetters', () => ({ generation: 2 })),
  ],
  [
    'a message in the poison queue',
    'wrong',
    () => ({
      poison: [{ body: '{"activationId":"a.fl-good","generation":1}', reason: 'unreadable' }],
    }),
  ],
  ['a second ClientToken', 'duplicate', eachAgain('calls', ({ at }) => ({ clientToken: `${at}` }))],
  ['a call without a ClientToken', 'wrong', each('calls', () => ({ clientToken: undefined }))],
  ['a flow log that was started after the end', 'duplicate', each('calls', () => ({ at: 9_000 }))],
  ['a flow log that was started twice', 'duplicate', each('flowLogs', () => ({ effectiveActivations: 2 }))],
  ['completed, but not Active', 'wrong', each('flowLogs', () => ({ status: 'Pending' }))],
  ['another reason than planned', 'wrong', failedFor('not-found')],
  ['a deadline that came too early', 'wrong', failedFor('deadline-exceeded')],
  [
    'a replay that is answered otherwise',
    'wrong',
    each('requests', ({ answer }) => ({ replays: [{ ...answer, batchId: 'b-9' }] })),
  ],
  ['an outbox that is not empty', 'lost', leftOver({ untold: ['F#x 0'] })],
  ['an item still due', 'wrong', leftOver({ due: ['F#x 0'] })],
  ['an index that says something else than its table', 'wrong', leftOver({ misindexed: ['F#x 0'] })],
  ['a batch that nobody looks at', 'wrong', leftOver({ overdueBatches: ['B#x 0'] })],
];
