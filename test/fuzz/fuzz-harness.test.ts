import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { httpHandler } from '../../lib/http/http-handler.ts';
import { Problem } from '../../lib/http/problem.ts';
import { anActivation, flowLogOf } from '../support/fakes/activations.ts';
import { httpInput } from './http-input.ts';
import { httpSurface } from './http-surface.ts';
import { checkActivateOutcome } from './outcome-check.ts';
import { checkRecord } from './record-check.ts';
import { runSurface, shrink } from './run-surface.ts';
import { defineSurface, type Surface, type Verdict, Violation } from './surface.ts';
import { CREDENTIALS } from './volcengine-input.ts';
import type { World } from './world.ts';

const RUN = { inputs: 200, seed: 1 };

const numbers = (probe: (input: number) => Promise<Verdict>, more: Partial<Surface> = {}) =>
  defineSurface({ name: 'numbers', inputs: fc.nat(1_000), probe, ...more });

const kindsIn = async (surface: Surface) => [
  ...(await runSurface(surface, { inputs: 20, seed: 1 })).violations.keys(),
];

test('a crash for some inputs is found, replayed by its index alone, and shrunk', async () => {
  const surface = numbers(async (input) => {
    if (input > 500) throw new TypeError('boom');
    return 'accepted';
  });
  const { findings, accepted } = await runSurface(surface, RUN);
  const [first] = findings;
  if (first === undefined) throw new Error('nothing was found');
  expect(accepted).toBe(RUN.inputs - findings.length);
  const replayed = await runSurface(surface, { inputs: 1, seed: RUN.seed, from: first.index });
  expect(replayed.findings).toMatchObject([{ kind: 'crash', index: first.index, input: first.input }]);
  expect(await shrink(surface, first)).toBe('501');
});

test('other seeds draw other inputs, equal seeds the same', async () => {
  const seen = async (seed: number) => {
    const inputs: number[] = [];
    await runSurface(
      numbers(async (input) => (inputs.push(input) > 0 ? 'accepted' : 'refused')),
      { inputs: 50, seed },
    );
    return inputs;
  };
  const [first, again, other] = [await seen(1), await seen(1), await seen(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('time that an input takes is found', async () => {
  const busy = numbers(
    async () => {
      for (const until = process.threadCpuUsage().user + 20_000; process.threadCpuUsage().user < until; );
      return 'accepted';
    },
    { maxMs: 5 },
  );
  expect(await kindsIn(busy)).toEqual(['slow']);
});

const httpKinds = (handle: (world: World) => Parameters<typeof httpHandler>[0]) =>
  kindsIn(httpSurface({ routeKey: 'GET /activations', inputs: httpInput({}), handle }));

const problem = (change: Partial<Problem['details']>) =>
  new Problem({ status: 422, code: 'invalid-content', title: 'The content is not valid', ...change });

test.each<[string, string, Parameters<typeof httpKinds>[0]]>([
  ['an exception that nobody expected', '5xx', () => () => Promise.reject(new Error('boom'))],
  [
    'a 503 for bad input',
    '5xx',
    () => () => Promise.reject(problem({ status: 503, code: 'outbox-pending' })),
  ],
  [
    'a problem of a type that is not documented',
    'unclassified',
    () => () => Promise.reject(problem({ code: 'oops' })),
  ],
  ['a type with another status', 'unclassified', () => () => Promise.reject(problem({ status: 400 }))],
  ['a problem over 4 kB', 'property', () => () => Promise.reject(problem({ detail: 'x'.repeat(4_100) }))],
  [
    'a header that cannot be sent',
    'property',
    () => async () => ({ status: 200, body: {}, headers: { location: '/a\r\nx: 1' } }),
  ],
  [
    'a refusal after a write',
    'property',
    (world) => async () => {
      await world.store.open(anActivation({ flowLogId: 'fl-1' }));
      throw problem({});
    },
  ],
])('%s is found', async (_what, kind, handle) => {
  expect(await httpKinds(handle)).toEqual([kind]);
});

const error = { code: 'Code', message: 'message' };

test.each<[string, () => void]>([
  ['an outcome that is in no list', () => checkActivateOutcome(JSON.parse('{"kind":"maybe"}'))],
  ['an outcome without its evidence', () => checkActivateOutcome(JSON.parse('{"kind":"hold"}'))],
  [
    'a reason that no call has',
    () => checkActivateOutcome({ kind: 'dead-letter', reason: 'cancelled', error }),
  ],
  [
    'a credential in an error',
    () => checkActivateOutcome({ kind: 'hold', error: { ...error, message: CREDENTIALS.secretAccessKey } }),
  ],
  [
    'a message of 501 characters',
    () => checkActivateOutcome({ kind: 'verify', error: { ...error, message: 'x'.repeat(501) } }),
  ],
  ['an open record that nobody looks at', () => checkRecord(anActivation({ dueAt: undefined }))],
  ['a fact of another generation', () => checkRecord(anActivation({ outbox: ['failed#2'] }))],
  ['a failed record without a reason', () => checkRecord(anActivation({ status: 'failed' }))],
  ['half a character', () => checkRecord(anActivation({ ...flowLogOf('fl-1'), requestId: '\ud800' }))],
])('%s is found', (_what, check) => {
  expect(check).toThrow(Violation);
});
