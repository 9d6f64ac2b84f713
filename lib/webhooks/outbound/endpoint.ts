import type { KeyObject } from 'node:crypto';
import type { EndpointCircuitBreaker } from './endpoint-circuit-breaker.ts';
import type { Post } from './ports.ts';

/** A receiver of webhooks, as this container knows it. */
export type Endpoint = {
  name: string;
  /** Event types or the beginnings of some; undefined: every type. */
  types?: readonly string[] | undefined;
  /** At least one. Rejects when a secret cannot be read. */
  signingKeys: () => Promise<readonly KeyObject[]>;
  post: Post;
  circuitBreaker: EndpointCircuitBreaker;
};

/** A beginning ends where a part of the type does: `a.b` is one of `a.b.v1` and not of `a.bc.v1`. */
export function wants({ types }: Pick<Endpoint, 'types'>, eventType: string): boolean {
  return (
    types === undefined || types.some((type) => `${eventType}.`.startsWith(`${type.replace(/\.$/, '')}.`))
  );
}
