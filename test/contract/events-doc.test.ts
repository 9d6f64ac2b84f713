import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { batchCompletedExample } from '../../events/batch-completed-v1.ts';
import { flowLogDriftedExample } from '../../events/flow-log-drifted-v1.ts';
import { DRIFT_KINDS } from '../../lib/activation/activation.ts';

const doc = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8');

test('the events are the golden examples', () => {
  const shown = [...doc.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));
  expect(shown).toEqual([batchCompletedExample, flowLogDriftedExample]);
});

test('every kind of drift is explained, under a heading of its own, and no other', () => {
  const explained = [...doc.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind);
  expect(explained.sort()).toEqual(['kind', ...DRIFT_KINDS].sort());
});
