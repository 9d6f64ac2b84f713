import { expect, test } from 'vitest';
import { deadLetterOf } from '../../lib/activation/model/outbox-events.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import { type Decision, ERROR_TABLE } from '../../lib/volcengine/error-table.ts';
import { anActivation } from '../support/fakes/activations.ts';
import { codesIn, readPage, rowsOf, sectionOf } from './documents/page.ts';

const page = await readPage('docs/reference/errors.md');

test('the failure reasons are the closed list, each with whether a redrive helps', () => {
  const documented = rowsOf(sectionOf(page, 'Why an activation fails')).map(([reason = '', , helps]) => [
    codesIn(reason)[0],
    helps,
  ]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(
      FAILURE_REASONS.map((reason) => [
        reason,
        deadLetterOf(anActivation({ status: 'failed', reason })).redriveHelps ? 'yes' : 'no',
      ]),
    ),
  );
});

test('the error table has every code, under the decision and the statuses of the code', () => {
  const documented = rowsOf(sectionOf(page, 'What the worker does with each error')).map(
    ([decision = '', codes = '', statuses = '']) => ({
      decision,
      codes: codesIn(codes).sort(),
      statuses: statuses.split(', ').map(Number).sort(),
    }),
  );
  const decided = Map.groupBy(ERROR_TABLE, ({ decision }) => describeDecision(decision));
  const expected = [...decided].map(([decision, rows]) => ({
    decision,
    codes: rows.map(({ code }) => code).sort(),
    statuses: [...new Set(rows.flatMap(({ documentedStatus }) => documentedStatus))].sort(),
  }));
  const byDecision = (a: { decision: string }, b: { decision: string }) => (a.decision < b.decision ? -1 : 1);
  expect(documented.sort(byDecision)).toEqual(expected.sort(byDecision));
});

function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'retry':
      if (decision.clock) return 'retry, clock corrected';
      return decision.soon ? 'retry soon' : 'retry';
    case 'hold':
      return decision.credentials ? 'hold, keys read again' : 'hold';
    case 'verify':
      return 'verify';
    case 'dead-letter':
      return `failed: ${decision.reason}`;
    default:
      return decision.kind;
  }
}
