import { ExpressionRefused } from './errors.ts';
import { isFalse } from './evaluate.ts';
import { EvaluationError, type Expression } from './expression.ts';
import type { WebhookSource } from './source.ts';

/** The results of the source's expressions, converted to the types of POST /activations where possible. Not checked. */
export type Selected = { flowLogIds: unknown; region?: unknown; account?: unknown; metadata?: unknown };

/** `textOf`: a number as it was sent, such as `1.10`, or the number itself if it was sent in several forms. */
export type Payload = { value: unknown; textOf(number: number): string | number };

/** Nested projections give lists of lists. A deeper list is not a list of ids. */
const FLATTENED_DEPTH = 8;

/** Throws ExpressionRefused. */
export function isWanted(source: WebhookSource, payload: unknown): boolean {
  return source.when === undefined || !isFalse(evaluate('when', source.when, payload));
}

/**
 * Evaluates the expressions of a source. A number becomes its text as it was sent. A number that was sent in several
 * forms stays a number, and the check of the result refuses it.
 * Throws ExpressionRefused for an expression that cannot be evaluated over this payload.
 */
export function select(
  { select: expressions }: WebhookSource,
  { value: payload, textOf }: Payload,
): Selected {
  const { flowLogIds, region, account, metadata } = expressions;
  const asText: AsText = (value) => (typeof value === 'number' ? textOf(value) : value);
  return {
    flowLogIds: idsOf(evaluate('select.flowLogIds', flowLogIds, payload), asText),
    ...(region && { region: asText(evaluate('select.region', region, payload)) }),
    ...(account && { account: asText(evaluate('select.account', account, payload)) }),
    ...(metadata && { metadata: textsOf(evaluate('select.metadata', metadata, payload), asText) }),
  };
}

type AsText = (value: unknown) => unknown;

function evaluate(name: string, expression: Expression, payload: unknown): unknown {
  try {
    return expression.evaluate(payload);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new ExpressionRefused(name, expression.text, `cannot be evaluated here: ${error.message}`);
  }
}

function idsOf(value: unknown, asText: AsText): unknown {
  const one = asText(value);
  if (typeof one === 'string') return [one];
  return Array.isArray(value) ? [...new Set(value.flat(FLATTENED_DEPTH).map(asText))] : value;
}

/** Converts numbers and booleans to text. Leaves out members that are null, and metadata that is null. */
function textsOf(value: unknown, asText: AsText): unknown {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (member === null) return [];
      return [[key, typeof member === 'boolean' ? String(member) : asText(member)]];
    }),
  );
}
