import * as v from 'valibot';
import { splitTarget } from '../../../local/http-api/request-event.ts';
import { answerFaults, codeOf, problemFaults } from './answer-faults.ts';
import { type Exchange, jsonOf, mediaTypeOf } from './exchange.ts';
import { type DocumentedOperation, type HttpDocument, readHttpDocument } from './http-document.ts';
import { CONFIGURED, requestFaults } from './request-faults.ts';
import { faultsOf } from './strict-schema.ts';

export type Verdict = {
  /** `readBatch 200`; undefined for what is not an operation of the document. */
  covered: string | undefined;
  violations: string[];
};

/** Rules that JSON Schema cannot say, and that the document says in words: field and message of what breaks them. */
const BEYOND_SCHEMA: [field: RegExp, message: RegExp][] = [
  [/account$/, /^is not a configured account alias$/],
  [/region$/, /^is not enabled for this account$|^is not a known region \(/],
  [/^(region|account)$/, /^goes with flowLogId only$/],
  [/^cursor$/, /^(the cursor )?is not one of this list$/],
  [/./, /^is there twice$/],
  [/^metadata$/, /^must be at most \d+ bytes of JSON$|^must have keys, and no broken Unicode$/],
  [/^selector\./, /^must be well-formed Unicode$/],
  [/^selector$/, /^makes a query that is \d+ bytes longer than servers take/],
];

const invalidContent = v.object({ errors: v.array(v.object({ field: v.string(), message: v.string() })) });

/**
 * Holds exchanges to the document: the answer is one that is documented, a request that it allows is not refused for
 * its form, and one that it does not allow is not accepted.
 */
export function createHttpContract(json: unknown) {
  const document = readHttpDocument(json);
  const routes = document.operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));

  return {
    operations: document.operations,
    check(exchange: Exchange): Verdict {
      const { path } = splitTarget(exchange.target);
      const matching = routes.flatMap(({ operation, pattern }) => {
        const found = pattern.exec(path);
        return found ? [{ operation, pathParameters: { ...found.groups } }] : [];
      });
      const route = matching.find(({ operation }) => operation.method === exchange.method);
      if (!route) {
        const methods = matching.map(({ operation }) => operation.method);
        return { covered: undefined, violations: strayFaults(document, methods, exchange) };
      }
      const { operation, pathParameters } = route;
      const violations = [
        ...answerFaults(operation, exchange),
        ...verdictFaults(operation, requestFaults(operation, pathParameters, exchange), exchange),
      ];
      return { covered: `${operation.operationId} ${exchange.status}`, violations };
    },
  };
}

function verdictFaults(operation: DocumentedOperation, faults: string[], exchange: Exchange): string[] {
  const { status, body } = exchange;
  if (status < 300 && faults.length > 0) {
    return faults.map((fault) => `accepted, though the document does not allow it: ${fault}`);
  }
  if (faults.length > 0 || CONFIGURED.includes(operation.operationId)) return [];
  const problem = jsonOf(body)?.value;
  const isForm = [400, 413, 415].includes(status) || codeOf(problem) === 'invalid-content';
  return isForm && !isBeyondSchema(problem)
    ? [`refused with ${status}, though the document allows it: ${body.toString('utf8').slice(0, 500)}`]
    : [];
}

function isBeyondSchema(problem: unknown): boolean {
  const parsed = v.safeParse(invalidContent, problem);
  return (
    parsed.success &&
    parsed.output.errors.every(({ field, message }) =>
      BEYOND_SCHEMA.some(([fields, messages]) => fields.test(field) && messages.test(message)),
    )
  );
}

/** A path that the document does not have, or one with other methods only. */
function strayFaults({ validateProblem }: HttpDocument, methods: string[], exchange: Exchange): string[] {
  const { status, headers, body, method } = exchange;
  const expected = methods.length > 0 ? [405, 'method-not-allowed'] : [404, 'unknown-route'];
  const allow = methods.length > 0 ? methods.toSorted().join(', ') : undefined;
  const given = headers.allow?.split(', ').toSorted().join(', ');
  const problem = jsonOf(body)?.value;
  const isSilent = method === 'HEAD';
  return [
    ...(status === expected[0] ? [] : [`${status}, not ${expected[0]}, for what is not documented`]),
    ...(given === allow ? [] : [`Allow is ${given}, not ${allow}`]),
    ...(mediaTypeOf(headers['content-type']) === 'application/problem+json' ? [] : ['it is no problem']),
    ...(isSilent ? [] : faultsOf(validateProblem, problem)),
    ...(isSilent || codeOf(problem) === expected[1] ? [] : [`it is not ${expected[1]}`]),
    ...problemFaults(problem, headers),
  ];
}

function patternOf(template: string): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
