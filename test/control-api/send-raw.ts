import { request } from 'node:http';

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Sends a request as it is written, whatever it is; an answer that comes before all of the body is sent counts. */
export function sendRaw(
  url: string,
  { method, target, body }: { readonly method: string; readonly target: string; readonly body?: string },
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let answered = false;
    const sent = request(
      {
        hostname,
        port,
        method,
        path: target,
        agent: false,
        ...(body === undefined ? {} : { headers: { 'content-length': Buffer.byteLength(body) } }),
      },
      (response) => {
        answered = true;
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    sent.end(body);
  });
}
