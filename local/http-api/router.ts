import type { RouteDefinition } from '../template/routes.ts';

export type RouteMatch = { route: RouteDefinition; pathParameters: Record<string, string> };

type CompiledRoute = { route: RouteDefinition; method: string; segments: string[] };

/**
 * Finds the route as API Gateway does: the most specific path first (literal segments before parameters before
 * `{proxy+}`), a method before ANY, `$default` last. The path is matched and its parameters are given decoded.
 */
export function createRouter(
  routes: RouteDefinition[],
): (method: string, decodedPath: string) => RouteMatch | undefined {
  const fallback = routes.find((route) => route.routeKey === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compileRoute)
    .sort(bySpecificity);
  return (method, decodedPath) => {
    const segments = decodedPath.split('/');
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = matchSegments(candidate.segments, segments);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

function compileRoute(route: RouteDefinition): CompiledRoute {
  const [method = '', path = ''] = route.routeKey.split(' ');
  return { route, method, segments: path.split('/') };
}

/** Segment by segment from the left: literal 0, parameter 1, greedy 2; at last the method. */
function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  const length = Math.min(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rank(a.segments[index]) - rank(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length || Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function rank(segment = ''): number {
  if (segment.endsWith('+}')) return 2;
  return segment.startsWith('{') ? 1 : 0;
}

function matchSegments(wanted: string[], given: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    if (segment.endsWith('+}')) {
      parameters[segment.slice(1, -2)] = given.slice(index).join('/');
      return given[index] === '' && given.length === index + 1 ? undefined : parameters;
    }
    if (segment.startsWith('{')) {
      if (value === '') return undefined;
      parameters[segment.slice(1, -1)] = value;
    } else if (segment !== value) return undefined;
  }
  return wanted.length === given.length ? parameters : undefined;
}
