import type { Problem } from '../http/problem.ts';
import { problem } from './problems/catalogue.ts';

/** Every path of the API with its methods. A test compares it with serverless.yml. */
export const ROUTES: readonly { path: string; methods: string[] }[] = [
  { path: '/activations', methods: ['GET', 'POST'] },
  { path: '/activations/{activationId}', methods: ['GET', 'DELETE'] },
  { path: '/activations/{activationId}/redrive', methods: ['POST'] },
  { path: '/deactivations', methods: ['POST'] },
  { path: '/dead-letters/redrive', methods: ['POST'] },
  { path: '/batches', methods: ['POST'] },
  { path: '/batches/{batchId}', methods: ['GET'] },
  { path: '/operations', methods: ['GET', 'POST'] },
  { path: '/operations/{operationId}', methods: ['GET', 'DELETE'] },
  { path: '/accounts/{alias}/pause', methods: ['PUT', 'DELETE'] },
  { path: '/plans/{planId}', methods: ['GET'] },
  { path: '/reports', methods: ['GET'] },
  { path: '/reports/{policy}', methods: ['GET'] },
  { path: '/reports/{policy}/runs', methods: ['GET'] },
  { path: '/status', methods: ['GET'] },
  { path: '/webhooks/{source}', methods: ['POST'] },
  { path: '/healthz', methods: ['GET'] },
  { path: '/openapi.json', methods: ['GET'] },
];

/** 405 with the methods of the path, or 404 if the API does not have the path. */
export function unknownRoute(method: string, path: string): Problem {
  const route = ROUTES.find((candidate) => matches(candidate.path, path));
  if (route === undefined) {
    return problem('unknown-route', {
      detail: `the routes are ${ROUTES.map((candidate) => candidate.path).join(', ')}`,
    });
  }
  const allow = route.methods.join(', ');
  return problem('method-not-allowed', {
    detail: `${method} is not allowed on ${route.path}; allowed: ${allow}`,
    headers: { allow },
  });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  );
}
