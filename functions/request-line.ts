/** Pure: one request of the control API as one line of the log, which is its metrics too. */
import { WeirError } from '../src/base/errors.ts';
import type { LogLine } from '../src/base/log-line.ts';
import type { ApiReply } from '../src/control-api/dispatch.ts';
import { emfFields } from './emf-line.ts';

export interface AnsweredRequest {
  /** Of the gateway. */
  readonly requestId: string;
  readonly reply: Pick<ApiReply, 'status' | 'about'>;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * Names the request, its route and its job, and of a failure that is ours where it was thrown. Never a body, a query, a header
 * or an error's text, which may hold what users keep secret.
 */
export function requestLine({ requestId, reply: { status, about }, startedAt, endedAt }: AnsweredRequest): string {
  const { route = 'none', jobId, thrown } = about;
  const durationMs = endedAt - startedAt;
  const failed = status >= 500;
  const line: LogLine = {
    time: new Date(endedAt).toISOString(),
    level: failed ? 'ERROR' : 'INFO',
    message: `${route} ${status}`,
    ...(jobId === undefined ? {} : { jobId }),
  };
  return JSON.stringify({
    ...line,
    requestId,
    route,
    status,
    ...(thrown === undefined ? {} : { code: WeirError.is(thrown) ? thrown.code : nameOf(thrown) }),
    ...(failed ? { stack: framesOf(thrown) } : {}),
    ...emfFields({
      timestamp: endedAt,
      dimensions: {},
      values: {
        ApiRequests: [1, 'Count'],
        ApiServerErrors: [failed ? 1 : 0, 'Count'],
        ApiDuration: [durationMs, 'Milliseconds'],
      },
    }),
  });
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown);

/** Of the error and what caused it, without their texts. */
function framesOf(thrown: unknown): readonly string[] {
  const frames: string[] = [];
  for (let error = thrown; error instanceof Error && frames.length < framesMax; error = error.cause) {
    const lines = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
    frames.push(nameOf(error), ...lines.map((line) => line.trim()));
  }
  return frames.slice(0, framesMax);
}

const framesMax = 40;
