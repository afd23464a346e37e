/**
 * Who has to act: `program` the author of the job (his code or his data), `user` whoever gave the command or the
 * configuration, `resources` nobody at first (memory, time, throttling: try smaller or later), `external` a service
 * that did not do its part, `internal` us.
 */
export type ErrorDomain = 'program' | 'user' | 'resources' | 'external' | 'internal';

/** The ids an error is about; they go into logs and replies as fields, not only into the text. */
export interface ErrorSubject {
  readonly jobId?: string;
  readonly checkpoint?: number;
  readonly operator?: string;
  readonly subtask?: number;
  /** Where in the input: file and byte or line, shard and sequence number, as the source spells it. */
  readonly position?: string;
  readonly [field: string]: string | number | undefined;
}

export interface WeirErrorInit {
  /** Stable, upper case with underscores, one page each in docs/errors. */
  readonly code: string;
  readonly domain: ErrorDomain;
  /** The subject, what was expected, what was found. Whole sentences. */
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly advice?: string;
  readonly subject?: ErrorSubject;
  readonly cause?: unknown;
}

const marker: unique symbol = Symbol.for('weir.error');

/** The one family of errors. Outcomes that are expected (losing a race, being stale) are values, not errors. */
export class WeirError extends Error {
  readonly code: string;
  readonly domain: ErrorDomain;
  readonly advice: string | undefined;
  readonly subject: ErrorSubject;
  readonly [marker] = true;

  constructor(init: WeirErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'WeirError';
    this.code = init.code;
    this.domain = init.domain;
    this.advice = init.advice;
    this.subject = init.subject ?? {};
  }

  /** Recognizes our errors across bundles, where `instanceof` fails. */
  static is(value: unknown): value is WeirError {
    return typeof value === 'object' && value !== null && marker in value;
  }

  /** The same error with more known about its subject; what is known already stays. */
  about(subject: ErrorSubject): WeirError {
    const more = new WeirError({
      code: this.code,
      domain: this.domain,
      message: this.message,
      ...(this.advice === undefined ? {} : { advice: this.advice }),
      subject: { ...subject, ...this.subject },
      cause: this.cause,
    });
    if (this.stack !== undefined) more.stack = this.stack;
    return more;
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
