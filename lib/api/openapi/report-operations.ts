import { reportQuerySchema, runsQuerySchema } from '../requests/report-query.ts';
import {
  policyNameSchema,
  type ReportListResponse,
  type ReportResponse,
  type RunListResponse,
  type RunSummaryResponse,
  reportListSchema,
  reportSchema,
  runListSchema,
} from '../responses/report-responses.ts';
import { ID } from './activation-examples.ts';
import type { Operation, Parameter } from './operation.ts';

const policy: Parameter = {
  schema: policyNameSchema,
  description: 'The policy. A name that no policy with a run has gets 404.',
  required: true,
};

const counts = { compliant: 2963, gap: 2, excluded: 3, repaired: 31 };

const run = {
  policy: 'keep-active',
  runId: '20260102T030000Z',
  plannedAt: '2026-01-02T03:00:00.000Z',
  startedAt: '2026-01-02T03:00:12.345Z',
  finishedAt: '2026-01-02T03:00:31.014Z',
  desired: 'Active',
  repair: 'activate',
  windowOpen: true,
  counts,
  kinds: { frozen: 1, inactive: 1 },
  exclusions: [
    { rule: 1, reason: 'migration, OPS-42', until: '2026-02-01T00:00:00.000Z', matched: 3, state: 'applied' },
    { rule: 2, reason: 'old laboratory', matched: 0, state: 'stale' },
  ],
  unread: [
    { account: 'security', region: 'cn-beijing', code: 'describe-failed', since: '2026-01-02T02:00:04.500Z' },
  ],
  unreadTotal: 1,
} satisfies RunSummaryResponse;

const report = {
  ...run,
  rows: [
    {
      account: 'default',
      region: 'cn-beijing',
      flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
      name: 'prod-a',
      status: 'Inactive',
      state: 'gap',
      kind: 'inactive',
      since: '2026-01-02T03:00:12.345Z',
      repair: 'activating',
      activationId: ID,
    },
    {
      account: 'default',
      region: 'cn-beijing',
      flowLogId: 'fl-2d6m9xk4q8zy85oxruvg4',
      name: 'prod-d',
      status: 'Inactive',
      lockReason: 'financial',
      state: 'gap',
      kind: 'frozen',
      since: '2025-12-31T16:00:09.020Z',
      repair: 'impossible',
    },
  ],
  nextCursor: '20260102T030000Z.2',
} satisfies ReportResponse;

const reports = {
  reports: [
    {
      policy: 'keep-active',
      lastRun: {
        runId: run.runId,
        plannedAt: run.plannedAt,
        finishedAt: run.finishedAt,
        counts,
        unread: 1,
      },
    },
  ],
} satisfies ReportListResponse;

export const REPORT_OPERATIONS = {
  'GET /reports': {
    operationId: 'listReports',
    tag: 'Reports',
    summary: 'List the policies and their last runs',
    description: 'Every policy that has run within 400 days, also one that was removed since.',
    responses: {
      200: { description: 'The policies.', body: { schema: reportListSchema, examples: { One: reports } } },
    },
    problems: [],
  },
  'GET /reports/{policy}': {
    operationId: 'readReport',
    tag: 'Reports',
    summary: 'Read the report of a policy',
    description:
      'What a run found: which flow logs are in the desired state, which are not, why and since when, which were excluded ' +
      'and by which rule, which were repaired. A page at a time; later pages are of the same run. With `format=csv` or ' +
      '`Accept: text/csv` it is CSV (RFC 4180, UTF-8 with a byte order mark); a header `Link` with `rel="next"` leads ' +
      'to the next page, which has no line of names.',
    pathParameters: { policy },
    query: reportQuerySchema,
    responses: {
      200: {
        description: 'A page of the report.',
        body: { schema: reportSchema, examples: { 'First page': report } },
        text: { mediaType: 'text/csv', example: 'policy,run,planned_at,account,region,flow_log_id,…' },
      },
    },
    problems: ['report-not-found', 'invalid-content', 'record-unreadable'],
  },
  'GET /reports/{policy}/runs': {
    operationId: 'listRuns',
    tag: 'Reports',
    summary: 'List the runs of a policy',
    description: 'Newest first, 50 a page. A run is kept for 400 days.',
    pathParameters: { policy },
    query: runsQuerySchema,
    responses: {
      200: {
        description: 'A page of the runs.',
        body: {
          schema: runListSchema,
          examples: { One: { runs: [run] } satisfies RunListResponse },
        },
      },
    },
    problems: ['report-not-found', 'invalid-content'],
  },
} satisfies Record<string, Operation>;
