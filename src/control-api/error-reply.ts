/** Pure: what is thrown as a reply, in the one shape of an error that Flink's clients know. */
import { messageOf, WeirError } from '../base/errors.ts';
import { errorCodeHeader } from './error-code-header.ts';

export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly errors: readonly string[] };
  readonly headers?: Readonly<Record<string, string>>;
}

/** With one more field, it would be read as a success. */
export const errorReply = (status: number, errors: readonly string[]): ErrorReply => ({ status, body: { errors } });

const statusByCode: Readonly<Record<string, number>> = {
  JOB_NOT_FOUND: 404,
  DEPLOYMENT_NOT_FOUND: 404,
  DEPLOYMENT_BUSY: 409,
  VERTEX_NOT_FOUND: 404,
  PROGRAM_NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  CHECKPOINT_NOT_FOUND: 404,
  NOT_CONFIGURED: 500,
  PATH_NOT_ALLOWED: 403,
  JOB_ENDED: 409,
  STOP_MODE_REMOVED: 308,
  REQUEST_TOO_LARGE: 413,
};
const statusByDomain: Readonly<Record<WeirError['domain'], number>> = {
  user: 400,
  program: 400,
  resources: 503,
  external: 500,
  internal: 500,
};

/** The first text says what happened, the second, if any, what to do. */
export function replyTo(thrown: unknown): ErrorReply {
  if (!WeirError.is(thrown)) return errorReply(500, [messageOf(thrown)]);
  const status = statusByCode[thrown.code] ?? statusByDomain[thrown.domain];
  const reply = errorReply(status, thrown.advice === undefined ? [thrown.message] : [thrown.message, thrown.advice]);
  return { ...reply, headers: { [errorCodeHeader]: thrown.code } };
}
