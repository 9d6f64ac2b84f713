import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { ROW_STATES, RUN_ID } from '../../activation/policies/run.ts';
import { parseRequest, unknownField } from '../schema-helpers.ts';

const cursor = (description: string) => v.optional(v.pipe(v.string(), v.description(description)));

const runRule = 'must be the id of a run, such as 20260102T030000Z';
const stateRule = `must be one of ${ROW_STATES.join(', ')}`;
const formatRule = 'must be json or csv';

/** Of a page in JSON. A CSV report has as many as a response can hold. */
const ROWS = 1_000;

export const reportQuerySchema = v.strictObject(
  {
    run: v.optional(
      v.pipe(v.string(runRule), v.regex(RUN_ID, runRule), v.description('The latest run if absent.')),
    ),
    state: v.optional(v.pipe(v.picklist(ROW_STATES, stateRule), v.description('Only rows in this state.'))),
    format: v.optional(
      v.pipe(
        v.picklist(['json', 'csv'], formatRule),
        v.description('`csv` is the same as `Accept: text/csv`.'),
      ),
    ),
    cursor: cursor('`nextCursor` of the page before. The run and the state must be the same.'),
  },
  unknownField,
);

export const runsQuerySchema = v.strictObject(
  {
    cursor: v.optional(
      v.pipe(
        v.string(),
        v.regex(RUN_ID, 'must be the nextCursor of the page before'),
        v.description('`nextCursor` of the page before.'),
      ),
    ),
  },
  unknownField,
);

/** Throws the 422 Problem that names every bad parameter. */
export function parseReportQuery({ queryStringParameters, headers }: APIGatewayProxyEventV2) {
  const { run, state, format, cursor } = parseRequest(reportQuerySchema, queryStringParameters ?? {});
  const accepted = (headers.accept ?? '').toLowerCase();
  const isCsv = format === undefined ? accepted.includes('text/csv') : format === 'csv';
  return { runId: run, state, cursor, isCsv, rowsLimit: isCsv ? undefined : ROWS };
}
