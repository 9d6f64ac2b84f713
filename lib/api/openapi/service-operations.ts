import * as v from 'valibot';
import { type HealthResponse, healthSchema } from '../responses/health-response.ts';
import type { Operation } from './operation.ts';

export const SERVICE_OPERATIONS = {
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
