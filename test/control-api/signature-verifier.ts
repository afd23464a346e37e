import { createHash, createHmac } from 'node:crypto';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** As in the first line: path and query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signature Version 4 from its description alone, by whoever knows the secret: true if the request's own signature is right. */
export function isSigned(
  request: SignedRequest,
  secretAccessKey: string,
  of: { readonly region: string; readonly service: string },
): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers['authorization'] ?? '',
    );
  if (match === null) return false;
  const [, date, region, service, signedHeaders, signature] = match as unknown as readonly string[];
  const time = request.headers['x-amz-date'] ?? '';
  if (region !== of.region || service !== of.service || !time.startsWith(date!)) return false;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest(request, signedHeaders!.split(';')))].join('\n');
  const key = [date!, region, service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  return hmac(key, toSign).toString('hex') === signature;
}

function canonicalRequest({ method, target, headers, body }: SignedRequest, signed: readonly string[]): string {
  const [path, query = ''] = target.split('?') as [string, string?];
  const parameters = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('=').map((part) => encoded(decodeURIComponent(part.replaceAll('+', ' '))).replaceAll('/', '%2F')))
    .map(([name, value = '']) => `${name}=${value}`)
    .sort((a, b) => (a < b ? -1 : 1));
  const lines = signed.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`);
  return [method, encoded(path), parameters.join('&'), ...lines, '', signed.join(';'), sha256(body)].join('\n');
}

/** Everything but unreserved characters and slashes, once more than it is. */
const encoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9\-._~/]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
