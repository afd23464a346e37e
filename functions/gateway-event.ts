/** Pure: between API Gateway's proxy events and requests of the control API. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ApiReply, ApiRequest } from '../src/control-api/dispatch.ts';

export function requestOfEvent(event: APIGatewayProxyEvent): ApiRequest {
  const text = event.body ?? '';
  return {
    method: event.httpMethod,
    path: pathOf(event),
    query: queryOf(event),
    body: event.isBase64Encoded ? Buffer.from(text, 'base64').toString('utf8') : text,
  };
}

/**
 * The end of the path, as long as that of the gateway's resource: what a custom domain has before it is of no API. Of a
 * resource that takes any path, such as {proxy+}, the whole.
 */
function pathOf({ path, resource }: APIGatewayProxyEvent): string {
  if (resource === undefined || resource.includes('+}')) return path;
  const segments = path.replace(/\/$/, '').split('/');
  return `/${segments.slice(-(resource.split('/').length - 1)).join('/')}`;
}

/** All values of a name, in the order in which they were given. */
function queryOf({ multiValueQueryStringParameters, queryStringParameters }: APIGatewayProxyEvent): string {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) query.append(name, value);
  }
  if (query.size === 0) for (const [name, value] of Object.entries(queryStringParameters ?? {})) query.append(name, value ?? '');
  return query.toString();
}

export const resultOf = ({ status, body, headers }: Omit<ApiReply, 'about'>): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  body: JSON.stringify(body),
});
