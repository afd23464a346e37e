/** Pure: what API Gateway asks an authorizer, and how it is told who may come in. */
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as z from 'zod/mini';

const authorizerEvent = z.object({
  methodArn: z.string(),
  /** Of a TOKEN authorizer: the header Authorization. */
  authorizationToken: z.optional(z.string()),
  /** Of a REQUEST authorizer. */
  headers: z.nullish(z.record(z.string(), z.optional(z.string()))),
});

export interface AuthorizerRequest {
  readonly methodArn: string;
  /** Missing: no header, or one of another scheme. */
  readonly token: string | undefined;
}

/** Throws on what is no event of an authorizer. */
export function authorizerRequestOf(event: unknown): AuthorizerRequest {
  const { methodArn, authorizationToken, headers } = z.parse(authorizerEvent, event);
  const header = authorizationToken ?? Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return { methodArn, token: /^bearer +(\S+)$/i.exec(header?.trim() ?? '')?.[1] };
}

/**
 * Lets in to every method of the API's stage, whichever was asked for: the gateway keeps the answer by token, and would refuse
 * with it whatever it does not name.
 */
export function stagePolicy(methodArn: string): APIGatewayAuthorizerResult {
  const [api, stage] = methodArn.split('/');
  const statement = { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${api}/${stage}/*` } as const;
  return { principalId: 'token', policyDocument: { Version: '2012-10-17', Statement: [statement] } };
}
