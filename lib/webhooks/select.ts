import { SelectionRefused } from './errors.ts';
import { isFalse } from './evaluate.ts';
import { EvaluationError, type Expression } from './expression.ts';
import type { WebhookSource } from './source.ts';

/** What the source's expressions gave, in the types of POST /activations where they can be had, unchecked else. */
export type Selected = { flowLogIds: unknown; region?: unknown; account?: unknown; metadata?: unknown };

/** Nested projections give lists of lists; what nests deeper is no list of ids. */
const FLATTENED_DEPTH = 8;

/** Throws SelectionRefused. */
export function isWanted(source: WebhookSource, payload: unknown): boolean {
  return source.when === undefined || !isFalse(evaluate('when', source.when, payload));
}

/** Throws SelectionRefused for an expression that cannot be evaluated over this payload. */
export function select({ select: expressions }: WebhookSource, payload: unknown): Selected {
  const { flowLogIds, region, account, metadata } = expressions;
  return {
    flowLogIds: idsOf(evaluate('select.flowLogIds', flowLogIds, payload)),
    ...(region && { region: evaluate('select.region', region, payload) }),
    ...(account && { account: evaluate('select.account', account, payload) }),
    ...(metadata && { metadata: textsOf(evaluate('select.metadata', metadata, payload)) }),
  };
}

function evaluate(name: string, expression: Expression, payload: unknown): unknown {
  try {
    return expression.evaluate(payload);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new SelectionRefused(name, expression.text, `cannot be evaluated here: ${error.message}`);
  }
}

function idsOf(value: unknown): unknown {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? [...new Set(value.flat(FLATTENED_DEPTH))] : value;
}

/** Numbers and booleans as their JSON; members that are null are left out, as is metadata that is null. */
function textsOf(value: unknown): unknown {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (member === null) return [];
      return [[key, typeof member === 'number' || typeof member === 'boolean' ? String(member) : member]];
    }),
  );
}
