import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AuthenticateRequest } from './client.ts';

export interface SigningOptions {
  readonly region: string;
  /** Asked before every request, so that credentials which expire are had anew. */
  readonly credentials: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }>;
}

/** Signs requests to an API behind API Gateway by Signature Version 4, as `auth: 'iam'` asks for. */
export function signRequests({ region, credentials }: SigningOptions): AuthenticateRequest {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return async ({ method, url, headers, body }) => {
    const { hostname, protocol, pathname, host, searchParams } = url;
    const request = new HttpRequest({
      method,
      protocol,
      hostname,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { ...headers, host },
      ...(body === undefined ? {} : { body }),
    });
    const { host: _, ...signed } = (await signer.sign(request)).headers;
    return signed;
  };
}
