import { figure, type Table } from '../harness/table.ts';
import { type Bill, LINES, totalOf } from './bill.ts';
import type { Basis } from './price-list.ts';
import type { Usage } from './usage.ts';

type Side = { bill: Bill; usage: Usage };

/** Units of the batch's item and its entry in the index, once written, and once changed at its end and once told. */
const SMALL_BATCH_UNITS = 12;

/** What changes of the code or the template would take off the bill, by the counted units; nothing of it is done. */
export function mendsTable(basis: Basis, limited: Side, lifted: Side, expressUsd: number): Table {
  const unitUsd = basis.prices.dynamodb.perMillionWriteUnits;
  const batchUnits = ({ usage }: Side) => {
    const written = usage.capacity.writes.batch;
    const idsOnce = Math.ceil((written?.bytes ?? 0) / (written?.count ?? 1) / 1_024);
    return ((written?.units ?? 0) - idsOnce - SMALL_BATCH_UNITS) / usage.activations;
  };
  const line = (side: Side, ...names: string[]) =>
    names.reduce((sum, name) => sum + (side.bill[name] ?? 0), 0);
  const mends: [what: string, saved: (side: Side) => number][] = [
    [
      'bells spread over the rate by DelaySeconds when requested, so that no worker waits for a token',
      (side) => line(side, LINES.lambdaWorker) - line(lifted, LINES.lambdaWorker),
    ],
    ['the poller with 256 MB', (side) => line(side, LINES.lambdaPoller) / 2],
    [
      'no rule for webhooks where there is no endpoint (custom.webhookRule DISABLED)',
      (side) => line(side, LINES.lambdaWebhooks, LINES.sqsWebhooks),
    ],
    ['dueAt left as it is by completion: index due, 1 unit less', () => unitUsd],
    ['index list by open and final in place of each status: 2 units less', () => 2 * unitUsd],
    [
      'the ids of a batch in an item of their own, outside index due, written once',
      (side) => batchUnits(side) * unitUsd,
    ],
  ];
  const saved = (side: Side) => mends.reduce((sum, [, of]) => sum + of(side), 0);
  const left = (side: Side) => totalOf(side.bill) - saved(side);
  const sides = [limited, lifted];
  return {
    title: 'What would take how much off, US dollars for a million, first round',
    columns: ['change', 'ours, 4 a second', 'ours, rate lifted'],
    rows: [
      ...mends.map(([what, of]) => [what, ...sides.map((side) => figure(of(side)))]),
      ['left with all of them', ...sides.map((side) => figure(left(side)))],
      ['that ÷ Express', ...sides.map((side) => figure(left(side) / expressUsd))],
    ],
  };
}
