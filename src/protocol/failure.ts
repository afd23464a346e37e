import { type ErrorDomain, messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/** Why an attempt or a job failed, as it is stored and shown. Plain JSON, at most about `limits.failureTextBytesMax`. */
export interface FailureCause {
  readonly code: string;
  readonly domain: ErrorDomain;
  readonly message: string;
  readonly advice?: string;
  /** The operator's uid, or its name where it has none. */
  readonly operator?: string;
  readonly subtask?: number;
  /** The record's place in the input, as its source spells it. */
  readonly position?: string;
  readonly stack?: string;
}

/** The domains a later attempt may get over; a fault of the program shows again at the same record. */
export function sameFault(a: FailureCause, b: FailureCause): boolean {
  return a.code === b.code && a.message === b.message && a.operator === b.operator && a.position === b.position;
}

export function failureFrom(thrown: unknown): FailureCause {
  const known = WeirError.is(thrown) ? thrown : undefined;
  const stack = thrown instanceof Error ? stackOf(thrown) : undefined;
  return {
    code: known?.code ?? 'UNEXPECTED',
    domain: known?.domain ?? 'internal',
    message: messageOf(thrown).slice(0, 1024),
    ...(known?.advice === undefined ? {} : { advice: known.advice.slice(0, 512) }),
    ...(known?.subject.operator === undefined ? {} : { operator: known.subject.operator }),
    ...(known?.subject.subtask === undefined ? {} : { subtask: known.subject.subtask }),
    ...(known?.subject.position === undefined ? {} : { position: known.subject.position }),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The same in at most so many bytes as JSON: the stack goes first, then the advice, then the end of the message. */
export function trimFailure(failure: FailureCause, bytesMax: number): FailureCause {
  let trimmed = failure;
  const tooLong = (): boolean => Buffer.byteLength(JSON.stringify(trimmed)) > bytesMax;
  for (let length = trimmed.stack?.length ?? 0; length > 0 && tooLong(); ) {
    length >>= 1;
    const { stack = '', ...rest } = trimmed;
    trimmed = length < 64 ? rest : { ...rest, stack: stack.slice(0, length) };
    if (length < 64) break;
  }
  if (tooLong()) {
    const { advice: _advice, ...rest } = trimmed;
    trimmed = rest;
  }
  while (trimmed.message.length > 64 && tooLong()) trimmed = { ...trimmed, message: trimmed.message.slice(0, trimmed.message.length >> 1) };
  return trimmed;
}

/** The stack of the innermost cause: where it really happened. */
function stackOf(error: Error): string | undefined {
  let innermost = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost.stack?.slice(0, limits.failureTextBytesMax - 1600);
}
