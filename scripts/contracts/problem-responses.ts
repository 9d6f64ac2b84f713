import type { JsonSchema } from '@valibot/to-json-schema';
import type { Header, Operation } from '../../lib/api/openapi/operation.ts';
import {
  type DocumentedProblem,
  documentedProblem,
  problemExample,
} from '../../lib/api/openapi/problem-documents.ts';
import type { ProblemCode } from '../../lib/api/problems/catalogue.ts';
import { PROBLEM_PREFIX } from '../../lib/http/problem.ts';

/** API Gateway's own responses, by status. */
const GATEWAY: Record<number, { name: string; message: string; meaning: string }> = {
  403: { name: 'Forbidden', message: 'Forbidden', meaning: 'The request is not authorized.' },
  413: { name: 'TooLarge', message: 'Request Entity Too Large', meaning: 'The request has more than 10 MB.' },
  429: { name: 'TooManyRequests', message: 'Too Many Requests', meaning: 'Too many requests for the API.' },
  500: { name: 'Failed', message: 'Internal Server Error', meaning: 'The function returned no response.' },
  503: {
    name: 'Unavailable',
    message: 'Service Unavailable',
    meaning: 'The function is overloaded or late.',
  },
};

export type ProblemResponse = {
  name: string;
  status: number;
  /** The codes of the problems that it can have. */
  codes: string[];
  description: string;
  headers: Record<string, Header>;
  content: Record<string, { schema: JsonSchema; examples: Record<string, { value: unknown }> }>;
};

/** The problem responses of an operation, one for each status. */
export function problemResponsesOf({ problems, body, security }: Operation): ProblemResponse[] {
  const codes: ProblemCode[] = [
    ...problems,
    'internal-error',
    ...(security ? [] : ['caller-unknown' as const]),
  ];
  codes.sort();
  const statuses = new Set([429, 500, 503, ...(security ? [] : [403]), ...(body ? [413] : [])]);
  const known = codes.flatMap((code) => {
    const problem = documentedProblem(code);
    return problem ? [{ code, problem }] : [];
  });
  for (const { problem } of known) statuses.add(problem.status);
  return [...statuses].sort().map((status) =>
    responseOf(
      status,
      known.filter(({ problem }) => problem.status === status),
    ),
  );
}

type Known = { code: ProblemCode; problem: DocumentedProblem };

function responseOf(status: number, known: Known[]): ProblemResponse {
  const gateway = GATEWAY[status];
  const meanings = [
    ...known.map(({ code, problem }) => `\`${code}\`: ${problem.meaning}`),
    ...(gateway ? [`${known.length > 0 ? "API Gateway's own: " : ''}${gateway.meaning}`] : []),
  ];
  const [only = ''] = meanings;
  return {
    name: known.map(({ code }) => pascalCase(code)).join('Or') || gateway?.name || String(status),
    status,
    codes: known.map(({ code }) => code),
    description: meanings.length === 1 ? only : meanings.map((meaning) => `- ${meaning}`).join('\n'),
    headers: Object.assign({}, ...known.map(({ problem }) => problem.headers)),
    content: {
      ...(known.length > 0 && { 'application/problem+json': problemContent(status, known) }),
      ...(gateway && {
        'application/json': {
          schema: { $ref: '#/components/schemas/GatewayError' },
          examples: { gateway: { value: { message: gateway.message } } },
        },
      }),
    },
  };
}

function problemContent(status: number, known: Known[]) {
  const types = known.map(({ code }) => `${PROBLEM_PREFIX}${code}`);
  return {
    schema: {
      allOf: [
        { $ref: '#/components/schemas/Problem' },
        {
          type: 'object' as const,
          properties: { type: { enum: types }, status: { const: status } },
          required: ['type', 'status'],
        },
      ],
    },
    examples: Object.fromEntries(known.map(({ code }) => [code, { value: problemExample(code) }])),
  };
}

export function pascalCase(words: string): string {
  return words.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());
}
