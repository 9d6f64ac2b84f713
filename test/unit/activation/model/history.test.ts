import { describe, expect, test } from 'vitest';
import { HISTORY_LIMIT, type HistoryEntry } from '../../../../lib/activation/model/activation.ts';
import { appendHistory, heldOf } from '../../../../lib/activation/model/history.ts';
import { anActivation, START } from '../../../support/fakes/activations.ts';

const entry = (event: string, by?: string): HistoryEntry => ({
  at: START,
  generation: 1,
  attempt: 0,
  event,
  ...(by !== undefined && { by }),
});
const machine = (length: number) => Array.from({ length }, (_, index) => entry(`retry ${index}`));
const appended = (history: HistoryEntry[], event: string, by?: string) =>
  appendHistory(anActivation({ history }), START, { event, ...(by !== undefined && { by }) }).map(
    ({ event: shown }) => shown,
  );

describe('a full history', () => {
  test('drops its oldest entry', () => {
    const shown = appended(machine(HISTORY_LIMIT), 'retry');
    expect(shown).toHaveLength(HISTORY_LIMIT);
    expect([shown[0], shown.at(-1)]).toEqual(['retry 1', 'retry']);
  });

  test('keeps the actions of people, even after many retries', () => {
    let history = [entry('redriven', 'alice'), ...machine(3)];
    for (let round = 0; round < 3 * HISTORY_LIMIT; round += 1) {
      history = appendHistory(anActivation({ history }), START, { event: `later ${round}` });
    }
    expect(history).toHaveLength(HISTORY_LIMIT);
    expect(history[0]).toMatchObject({ event: 'redriven', by: 'alice' });
    expect(history.at(-1)?.event).toBe('later 59');
  });

  test('with actions of people only: drops the oldest, never the newest entry', () => {
    const people = Array.from({ length: HISTORY_LIMIT }, (_, index) => entry(`redriven ${index}`, 'alice'));
    const shown = appended(people, 'retry');
    expect(shown).toHaveLength(HISTORY_LIMIT);
    expect([shown[0], shown.at(-1)]).toEqual(['redriven 1', 'retry']);
  });
});

describe('on hold', () => {
  const held = (codes: string[]) => {
    const activation = anActivation({ history: [entry('opened')] });
    for (const [index, code] of codes.entries()) {
      activation.history = appendHistory(activation, START + index, { event: 'hold', code });
    }
    return activation;
  };

  test('for days: the first and the latest try are kept, and say since when and why', () => {
    const activation = held([...Array.from({ length: 600 }, () => 'AccessDenied'), 'InvalidAccessKey']);
    expect(activation.history.map(({ event }) => event)).toEqual(['opened', 'hold', 'hold']);
    expect(heldOf(activation)).toEqual({ since: START, code: 'InvalidAccessKey' });
  });

  test('begins anew after another reply', () => {
    const { history, ...rest } = held(['AccessDenied']);
    const retried = [...history, entry('retry')];
    expect(heldOf({ ...rest, history: retried })).toBeUndefined();
    const again = appendHistory({ ...rest, history: retried }, START + 9, { event: 'hold', code: 'None' });
    expect(heldOf({ ...rest, history: again })).toEqual({ since: START + 9, code: 'None' });
  });

  test('ends when the activation is no longer queued', () => {
    expect(heldOf({ ...held(['AccessDenied']), status: 'failed' })).toBeUndefined();
  });
});
