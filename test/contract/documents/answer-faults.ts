import { documentedProblem } from '../../../lib/api/openapi/problem-documents.ts';
import { PROBLEM_PREFIX } from '../../../lib/http/problem.ts';
import { type Exchange, jsonOf, mediaTypeOf, typed } from './exchange.ts';
import type { DocumentedOperation } from './http-document.ts';
import { faultsOf, isObject } from './strict-schema.ts';

/** In what an answer is not as the document says. */
export function answerFaults({ responses, operationId }: DocumentedOperation, exchange: Exchange): string[] {
  const { status, headers, body } = exchange;
  const response = responses[status];
  if (!response) return [`status ${status} of ${operationId} is not documented`];
  return [
    ...response.headers.flatMap(({ name, required, type, validate }) => {
      const value = headers[name.toLowerCase()];
      if (value === undefined) return required ? [`the header ${name} is missing`] : [];
      return faultsOf(validate, typed(value, type)).map((fault) => `the header ${name} ${fault}`);
    }),
    ...(Object.keys(response.content).length === 0
      ? body.length > 0
        ? ['it has a body']
        : []
      : contentFaults(response.content, exchange)),
  ];
}

function contentFaults(
  content: DocumentedOperation['responses'][string]['content'],
  { headers, body }: Exchange,
): string[] {
  const contentType = headers['content-type'];
  const documented = new Map(Object.entries(content)).get(mediaTypeOf(contentType));
  if (!documented) return [`the content type ${contentType} is not documented`];
  const isJson = mediaTypeOf(contentType).endsWith('json');
  const json = isJson ? jsonOf(body) : { value: String(body) };
  if (!json) return ['it is not JSON in UTF-8'];
  return [...faultsOf(documented.validate, json.value), ...problemFaults(json.value, headers)];
}

/** A problem has the title and the headers of its type. */
export function problemFaults(body: unknown, headers: Exchange['headers']): string[] {
  const code = codeOf(body);
  if (code === undefined || !isObject(body)) return [];
  const problem = documentedProblem(code);
  if (!problem) return [`the problem type ${code} is not in the catalogue`];
  return [
    ...(body.title === problem.title ? [] : [`${code} has the title ${body.title}, not ${problem.title}`]),
    ...Object.keys(problem.headers ?? {})
      .filter((name) => headers[name.toLowerCase()] === undefined)
      .map((name) => `${code} is without the header ${name}`),
  ];
}

/** The code of a problem; undefined for a body that is none. */
export function codeOf(body: unknown): string | undefined {
  if (!isObject(body) || typeof body.type !== 'string') return undefined;
  return body.type.startsWith(PROBLEM_PREFIX) ? body.type.slice(PROBLEM_PREFIX.length) : undefined;
}
