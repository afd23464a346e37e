// Catches: a door that opens without the token, or for one route and then not for the next, that goes on refusing a token after
// it was changed, or that asks for the secret at every wrong try.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayAuthorizerResult, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { authorizerRequestOf, stagePolicy } from '../../functions/authorizer-event.ts';
import { TokenSecret } from '../../functions/token-secret.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';

const methodArn = 'arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/v1/PATCH/jobs/0123';
const token = 'k8Zr3mPq7Lw2Xt5Vn9Bc';

describe('the header of a request', () => {
  it.each([
    [{ authorizationToken: `Bearer ${token}` }, token],
    [{ authorizationToken: `bearer  ${token} ` }, token],
    [{ headers: { authorization: `Bearer ${token}` } }, token],
    [{ headers: { AUTHORIZATION: `Bearer ${token}`, accept: undefined } }, token],
    [{ authorizationToken: token }, undefined],
    [{ authorizationToken: `Basic ${token}` }, undefined],
    [{ authorizationToken: `Bearer ${token} ${token}` }, undefined],
    [{ authorizationToken: 'Bearer ' }, undefined],
    [{ headers: null }, undefined],
    [{}, undefined],
  ])('%j says %s', (fields, said) => {
    expect(authorizerRequestOf({ type: 'TOKEN', methodArn, ...fields }).token).toBe(said);
  });

  it('is not looked for in what no gateway sends', () => {
    expect(() => authorizerRequestOf({ authorizationToken: `Bearer ${token}` })).toThrow();
    expect(() => authorizerRequestOf(null)).toThrow();
  });
});

it('who is let in to one method is let in to all of the stage, and to no other stage', () => {
  const { policyDocument } = stagePolicy(methodArn);
  expect(policyDocument.Statement).toEqual([
    { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: 'arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/v1/*' },
  ]);
});

describe('the secret', () => {
  const made = () => {
    const clock = new SimulatedClock();
    const state = { secret: token, reads: 0 };
    const read = async () => {
      state.reads++;
      return state.secret;
    };
    return { clock, state, secret: new TokenSecret({ read, clock }) };
  };

  it('is read once for many requests', async () => {
    const { secret, state } = made();
    for (let i = 0; i < 10; i++) expect(await secret.matches(token)).toBe(true);
    expect(state.reads).toBe(1);
  });

  it('lets in nothing that is not all of it', async () => {
    const { secret } = made();
    for (const wrong of ['', token.slice(0, -1), `${token}x`, token.toLowerCase(), token.replace('k', 'l'), 'x'.repeat(10_000)]) {
      expect(await secret.matches(wrong)).toBe(false);
    }
  });

  it('is looked at again when a token is wrong, but not at every one', async () => {
    const { secret, state, clock } = made();
    for (let i = 0; i < 10; i++) expect(await secret.matches('wrong')).toBe(false);
    expect(state.reads).toBe(1);
    await clock.sleep(5_000);
    for (let i = 0; i < 10; i++) expect(await secret.matches('wrong')).toBe(false);
    expect(state.reads).toBe(2);
  });

  it('may be changed: the new one is let in at once, the old one no longer after some minutes', async () => {
    const { secret, state, clock } = made();
    expect(await secret.matches(token)).toBe(true);
    await clock.sleep(6_000);
    state.secret = 'another-token-than-before';
    expect(await secret.matches(token)).toBe(true);
    expect(await secret.matches(state.secret)).toBe(true);
    expect(await secret.matches(token)).toBe(false);
  });

  it('is forgotten after five minutes', async () => {
    const { secret, state, clock } = made();
    expect(await secret.matches(token)).toBe(true);
    state.secret = 'another-token-than-before';
    await clock.sleep(5 * 60_000);
    expect(await secret.matches(token)).toBe(false);
  });

  it.each(['', '   ', 'short'])('that is no secret, %j, lets in nobody', async (text) => {
    const { secret, state } = made();
    state.secret = text;
    await expect(secret.matches(text)).rejects.toMatchObject({ code: 'NOT_CONFIGURED' });
  });
});

describe('the authorizer', () => {
  let secretsManager: Server;
  let asked: unknown[] = [];
  let handler: (event: unknown, context: Context) => Promise<APIGatewayAuthorizerResult>;

  beforeAll(async () => {
    secretsManager = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        asked.push({ target: request.headers['x-amz-target'], ...(JSON.parse(body) as object) });
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ Name: 'token', SecretString: token }));
      });
    });
    secretsManager.listen(0, '127.0.0.1');
    await once(secretsManager, 'listening');
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${(secretsManager.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    ({ handler } = (await import('../../functions/authorizer.ts')) as unknown as { readonly handler: typeof handler });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    secretsManager.close();
    secretsManager.closeAllConnections();
  });

  it('fails, and lets in nobody, while it is told of no secret', async () => {
    vi.stubEnv('WEIR_TOKEN_SECRET_ARN', '');
    await expect(handler({ methodArn, authorizationToken: `Bearer ${token}` }, {} as Context)).rejects.toMatchObject({
      code: 'NOT_CONFIGURED',
    });
  });

  it('asks Secrets Manager, and answers with a policy or the word that makes a 401', async () => {
    vi.stubEnv('WEIR_TOKEN_SECRET_ARN', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token');
    asked = [];
    expect(await handler({ methodArn, authorizationToken: `Bearer ${token}` }, {} as Context)).toEqual(stagePolicy(methodArn));
    for (const authorizationToken of [`Bearer ${token}x`, token, '']) {
      await expect(handler({ methodArn, authorizationToken }, {} as Context)).rejects.toThrow(/^Unauthorized$/);
    }
    expect(asked).toEqual([
      { target: 'secretsmanager.GetSecretValue', SecretId: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token' },
    ]);
  });
});
