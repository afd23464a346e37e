/** Pure: which route a request's path leads to. */
import { badRequest } from './bad-request.ts';
import type { Route } from './route.ts';

export interface FoundRoute {
  readonly route: Route;
  /** The path's segments by the names that the route has for them, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The first route of the method whose path fits, with or without `/v1` before it and slashes at its ends. None if there is no
 * such path, and also if there is one of another method: Flink answers both as not found.
 */
export function findRoute(routes: readonly Route[], request: { readonly method: string; readonly path: string }): FoundRoute | undefined {
  const path = `/${request.path.replace(/^\/+|\/+$/g, '')}`.replace(/^\/v1(?=\/|$)/, '');
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const parameters = matchPath(route.path, path);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const found = path.split('/');
  if (expected.length !== found.length) return undefined;
  if (!expected.every((part, index) => part.startsWith(':') || part === found[index])) return undefined;
  return Object.fromEntries(
    expected.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), decodeSegment(found[index]!)]] : [])),
  );
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`The path holds ${JSON.stringify(segment.slice(0, 80))}, which is no valid URL encoding.`);
  }
}
