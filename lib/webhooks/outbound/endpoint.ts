import type { KeyObject } from 'node:crypto';
import type { ChatFormat } from './chat/chat-format.ts';
import type { EndpointCircuitBreaker } from './endpoint-circuit-breaker.ts';
import type { Post } from './ports.ts';

/** A receiver of webhooks, with the state that this container has about it. */
export type Endpoint = {
  name: string;
  /** Event types or prefixes of them. Undefined: every type. */
  types?: readonly string[] | undefined;
  /** At least one, unless it is a chat. Rejects when a secret cannot be read. */
  signingKeys: () => Promise<readonly KeyObject[]>;
  /** If it is a chat. Then nothing is signed with the keys. */
  chat?: ChatFormat | undefined;
  post: Post;
  circuitBreaker: EndpointCircuitBreaker;
};

/** A prefix matches whole parts of a type: `a.b` matches `a.b.v1`, but not `a.bc.v1`. */
export function wants({ types }: Pick<Endpoint, 'types'>, eventType: string): boolean {
  return (
    types === undefined || types.some((type) => `${eventType}.`.startsWith(`${type.replace(/\.$/, '')}.`))
  );
}
