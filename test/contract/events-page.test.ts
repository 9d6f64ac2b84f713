import { expect, test } from 'vitest';
import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import {
  activationCompletedExample,
  batchCompletedExample,
  flowLogDriftedExample,
} from '../../events/golden-examples.ts';
import { DRIFT_KINDS } from '../../lib/activation/model/activation.ts';
import { blocksIn, codesIn, readPage, rowsOf, sectionOf } from './documents/page.ts';

const page = await readPage('docs/reference/events.md');

test('the events are the golden examples', () => {
  const shown = blocksIn(page, 'json').map((json) => JSON.parse(json));
  expect(shown).toEqual([activationCompletedExample, batchCompletedExample, flowLogDriftedExample]);
});

test('every event is explained, and no other', () => {
  const explained = rowsOf(page).flatMap(([type = '']) =>
    codesIn(type).filter((code) => /\.v\d$/.test(code)),
  );
  expect(explained.sort()).toEqual(Object.keys(EVENT_SCHEMAS).sort());
});

test('every kind of drift is explained, and no other', () => {
  const explained = rowsOf(sectionOf(page, 'Drift')).flatMap(([kind = '']) => codesIn(kind));
  expect(explained.sort()).toEqual([...DRIFT_KINDS].sort());
});
