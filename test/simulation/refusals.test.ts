import { expect, test } from 'vitest';
import { anActivation } from '../support/fakes/activations.ts';
import { VirtualTime } from '../support/virtual/virtual-time.ts';
import { Refusals } from './loads/refusals.ts';

const TICK_MS = 60_000;
const activation = anActivation();
const EVENT_ID = `${activation.activationId}.1.submitted`;

function setUp() {
  const violations: string[] = [];
  const time = new VirtualTime();
  const violate = (_: string, detail: string) => violations.push(detail);
  const refusals = new Refusals({ time, violate, tickMs: TICK_MS, isSane: () => true });
  refusals.choose = () => 'entry';
  const offer = () => refusals.offered(EVENT_ID, '{}');
  const note = (retryAfterMs: number) => {
    const retryAt = time.now + retryAfterMs;
    const refused = { entries: ['submitted#1' as const], times: 1, retryAt };
    refusals.wroteActivation([activation], { ...activation, refused });
  };
  return { violations, time, offer, note };
}

test('of two pollers that are refused at once, one note is enough', async () => {
  const { violations, time, offer, note } = setUp();
  offer();
  time.leap(300);
  note(80_000);
  time.leap(600);
  offer();
  while (await time.step());
  expect(violations).toEqual([]);
});

test.for([
  { when: 'for the first time', noted: false },
  { when: 'when it was due again', noted: true },
])('what is refused $when needs a note', async ({ noted }) => {
  const { violations, time, offer, note } = setUp();
  if (noted) {
    offer();
    note(80_000);
    time.leap(80_000);
  }
  offer();
  while (await time.step());
  expect(violations).toEqual([`${EVENT_ID}: its refusal is not on record`]);
});
