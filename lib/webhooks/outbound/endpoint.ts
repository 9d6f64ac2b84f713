import type { KeyObject } from 'node:crypto';
import type { EndpointCircuitBreaker } from './endpoint-circuit-breaker.ts';
import type { Post } from './ports.ts';

/** A receiver of webhooks, with the state that this container has about it. */
export type Endpoint = {
  name: string;
  /** Event types or prefixes of them. Undefined: every type. */
  types?: readonly string[] | undefined;
  /** At least one. Rejects when a secret cannot be read. */
  signingKeys: () => Promise<readonly KeyObject[]>;
  post: Post;
  circuitBreaker: EndpointCircuitBreaker;
};

/** A prefix matches whole parts of a type: `a.b` matches `a.b.v1`, but not `a.bc.v1`. */
export function wants({ types }: Pick<Endpoint, 'types'>, eventType: string): boolean {
  return (
    types === undefined || types.some((type) => `${eventType}.`.startsWith(`${type.replace(/\.$/, '')}.`))
  );
}
