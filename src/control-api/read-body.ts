import { limits } from '../base/limits.ts';
import { requestTooLarge } from './bad-request.ts';

/** The text of a request's body. Throws REQUEST_TOO_LARGE as soon as that is known, with the rest unread. */
export async function readBody(request: Request): Promise<string> {
  const said = Number(request.headers.get('content-length') ?? 0);
  if (said > limits.requestBytesMax) throw requestTooLarge(said);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body ?? []) {
    bytes += part.byteLength;
    if (bytes > limits.requestBytesMax) throw requestTooLarge('more');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
