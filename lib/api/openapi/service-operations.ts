import * as v from 'valibot';
import { type HealthResponse, healthSchema } from '../responses/health-response.ts';
import { type StatusResponse, statusReportSchema } from '../responses/status-response.ts';
import type { Operation } from './operation.ts';

const NONE = { count: 0 };

const status = {
  at: '2026-01-02T03:04:05.266Z',
  api: { version: '0.7.0' },
  poller: {
    lastTickAt: '2026-01-02T03:04:04.107Z',
    nextTickAt: '2026-01-02T03:04:09.107Z',
    oldestDueAt: '2026-01-02T03:03:51.930Z',
  },
  bus: { state: 'ok' },
  outbox: { waiting: NONE },
  configuration: {
    source: 'ssm:/flow-log-activator/prod',
    readAt: '2026-01-02T03:04:40.000Z',
    disabled: [
      { kind: 'account', name: 'audit', problems: ['assumeRole.via must be the alias of another account'] },
    ],
  },
  deactivation: { allowed: false },
  queues: [
    { name: 'activation', messages: 3, inFlight: 2, delayed: 340 },
    { name: 'deadLetter', messages: 41, inFlight: 0, delayed: 0 },
    { name: 'poison', messages: 0, inFlight: 0, delayed: 0 },
    { name: 'poll', messages: 0, inFlight: 0, delayed: 1 },
    { name: 'webhook', messages: 0, inFlight: 0, delayed: 0 },
    { name: 'webhookDeadLetter', messages: 0, inFlight: 0, delayed: 0 },
    { name: 'webhookPoison' },
  ],
  accounts: [
    {
      account: 'default',
      state: 'ok',
      ratePerSecond: 4,
      open: { count: 361 },
      pending: { count: 16 },
      queuedUntil: '2026-01-02T03:05:39.701Z',
      failed: [{ reason: 'frozen', count: { count: 1200, atLeast: true } }],
      held: NONE,
      drifted: { count: 2 },
    },
    {
      account: 'security',
      state: 'held',
      since: '2026-01-02T01:00:12.345Z',
      code: 'InvalidAccessKey',
      action: 'ActiveFlowLog',
      nextTryAt: '2026-01-02T03:08:01.118Z',
      ratePerSecond: 4,
      open: { count: 7 },
      pending: NONE,
      failed: [],
      held: { count: 7 },
      drifted: NONE,
    },
  ],
} satisfies StatusResponse;

export const SERVICE_OPERATIONS = {
  'GET /status': {
    operationId: 'readStatus',
    tag: 'Service',
    summary: 'See how the service is',
    description:
      'Poller, bus, outbox, queues, the stored configuration, whether deactivations are allowed, and each account: its state, what is open, failed, on hold or drifted. It costs about ' +
      '60 read units at most, whatever the table holds, and half a unit for each account: counts are cut beyond that. It ' +
      'lags a moment behind writes.',
    responses: {
      200: {
        description: 'The status.',
        body: { schema: statusReportSchema, examples: { 'One account on hold': status } },
      },
    },
    problems: [],
  },
  'GET /healthz': {
    operationId: 'checkHealth',
    tag: 'Service',
    summary: 'Check that the API responds',
    description: 'Reads no table and no queue.',
    security: 'open',
    responses: {
      200: {
        description: 'The API responds.',
        body: { schema: healthSchema, examples: { Ok: { status: 'ok' } satisfies HealthResponse } },
      },
    },
    problems: [],
  },
  'GET /openapi.json': {
    operationId: 'readContract',
    tag: 'Service',
    summary: 'Read this document',
    description: 'The contract of the deployed version.',
    security: 'open',
    responses: {
      200: {
        description: 'The document.',
        body: {
          schema: v.pipe(
            v.objectWithRest({ openapi: v.pipe(v.string(), v.regex(/^3\.1\.\d+$/)) }, v.unknown()),
            v.description('An OpenAPI 3.1 document.'),
          ),
          examples: { Shortened: { openapi: '3.1.1' } },
        },
      },
    },
    problems: [],
  },
} satisfies Record<string, Operation>;
