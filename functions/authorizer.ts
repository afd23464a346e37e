import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { systemClock } from '../src/base/clock.ts';
import { WeirError } from '../src/base/errors.ts';
import { authorizerRequestOf, stagePolicy } from './authorizer-event.ts';
import { TokenSecret } from './token-secret.ts';

const client = new SecretsManagerClient({ requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 } });
const secret = new TokenSecret({ read: readSecret, clock: systemClock });

/**
 * Lets in whoever sends the token that the secret holds. To throw just this word is how the gateway is told to answer 401, which
 * it does not keep: a token that is put into the secret next is let in then. What else is thrown becomes its 500.
 */
export const handler = middy<unknown, APIGatewayAuthorizerResult>().handler(async (event) => {
  const { methodArn, token } = authorizerRequestOf(event);
  if (token !== undefined && (await secret.matches(token))) return stagePolicy(methodArn);
  throw new Error('Unauthorized');
});

/** `WEIR_TOKEN_SECRET_ARN`: the secret, whose text is the token. */
async function readSecret(): Promise<string> {
  const secretId = process.env['WEIR_TOKEN_SECRET_ARN'];
  if (secretId === undefined || secretId === '') {
    throw new WeirError({
      code: 'NOT_CONFIGURED',
      domain: 'user',
      message: 'The environment variable WEIR_TOKEN_SECRET_ARN is missing: it names the secret with the token of the control API.',
    });
  }
  return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString ?? '';
}
