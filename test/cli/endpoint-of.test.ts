// Catches: a request that is sent without what the API asks for, or a token that is sent where others can read it.
import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../src/cli/endpoint.ts';

const gateway = 'https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1';
const token = 'k8Zr3mPq7Lw2Xt5Vn9Bc';

describe('an endpoint', () => {
  it('is none where none is said, token or not', () => {
    expect(endpointOf({}, { WEIR_TOKEN: token, AWS_REGION: 'us-east-1' })).toBeUndefined();
  });

  it.each([
    [gateway, 'eu-central-1'],
    ['https://a1b2c3-vpce-0123.execute-api.us-gov-west-1.amazonaws.com/v1', 'us-gov-west-1'],
    ['https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn/v1', 'cn-north-1'],
  ])('of API Gateway is asked with a signature for its region: %s', (endpoint, region) => {
    expect(endpointOf({ endpoint }, { AWS_REGION: 'ap-southeast-2' })).toEqual({ url: endpoint, auth: 'iam', region });
  });

  it.each(['https://execute-api.eu-central-1.amazonaws.com.evil.example', 'https://weir.example/v1', 'http://127.0.0.1:8081'])(
    'of another kind is asked with nothing: %s',
    (endpoint) => {
      expect(endpointOf({ endpoint }, { AWS_REGION: 'us-east-1' })).toEqual({ url: endpoint, auth: 'none' });
    },
  );

  it('is asked with the token that there is, unless it is said how', () => {
    expect(endpointOf({ endpoint: gateway }, { WEIR_TOKEN: ` ${token}\n` })).toEqual({ url: gateway, auth: 'token', token });
    expect(endpointOf({ endpoint: gateway, auth: 'iam' }, { WEIR_TOKEN: token })).toMatchObject({ auth: 'iam' });
    expect(endpointOf({ endpoint: gateway, auth: 'none' }, { WEIR_TOKEN: token })).toEqual({ url: gateway, auth: 'none' });
  });

  it('under a name of its own is signed for the region of the environment', () => {
    const said = { endpoint: 'https://weir.example/v1', auth: 'iam' } as const;
    expect(endpointOf(said, { AWS_REGION: 'us-west-2' })).toMatchObject({ region: 'us-west-2' });
    expect(endpointOf(said, { AWS_DEFAULT_REGION: 'us-west-1' })).toMatchObject({ region: 'us-west-1' });
    expect(() => endpointOf(said, {})).toThrow(/AWS_REGION/);
  });

  it('is not told a token that everybody on the way could read', () => {
    expect(() => endpointOf({ endpoint: 'http://weir.example' }, { WEIR_TOKEN: token })).toThrow(/for everybody to read/);
    expect(endpointOf({ endpoint: 'http://127.0.0.1:4566/x' }, { WEIR_TOKEN: token })).toMatchObject({ auth: 'token' });
  });

  it('needs a token where one is asked for, and is never shown it', () => {
    expect(() => endpointOf({ endpoint: gateway, auth: 'token' }, { WEIR_TOKEN: '  ' })).toThrow(/WEIR_TOKEN/);
    try {
      endpointOf({ endpoint: 'http://weir.example' }, { WEIR_TOKEN: token });
    } catch (thrown) {
      expect(JSON.stringify([thrown, (thrown as Error).message])).not.toContain(token);
    }
  });

  it.each(['weir.example', 'ftp://weir.example', 'https://user:word@weir.example', 'https://weir.example/?a=b', 'https://weir.example/#a'])(
    'is a plain URL, and %s is none',
    (endpoint) => {
      expect(() => endpointOf({ endpoint }, {})).toThrow(/should be a URL such as/);
    },
  );
});
