import { messageOf, WeirError } from '../base/errors.ts';
import type { ChainedOperator } from '../graph/job-graph.ts';
import { changedInPlace } from './changed-in-place.ts';

/** An operator, as errors name it. */
export interface OperatorLabel {
  /** Its uid, or its name where it has none. */
  readonly operator: string;
  readonly subtask: number;
}

export function labelOf(operator: ChainedOperator, subtask: number): OperatorLabel {
  return { operator: operator.uid ?? operator.name, subtask };
}

/** Something that user code threw, on its way up through the chain to where the record's position is known. */
class UserFault extends Error {
  readonly label: OperatorLabel;
  readonly thrown: unknown;
  /** Where, if it is no record: `timer at 17, key "ATL"`. */
  readonly at: string | undefined;

  constructor(label: OperatorLabel, thrown: unknown, at: string | undefined) {
    super(messageOf(thrown));
    this.label = label;
    this.thrown = thrown;
    this.at = at;
  }
}

/** Remembers a chain's first fault, so that it fails the epoch even where user code catches what `collect` throws. */
export class Faults {
  readonly #freezes: boolean;
  #first: UserFault | undefined = undefined;

  /** `freezes`: values are frozen, so that a change in place throws. */
  constructor(freezes: boolean) {
    this.#freezes = freezes;
  }

  clear(): void {
    this.#first = undefined;
  }

  /** What an operator throws in place of what its user code threw; a fault from further down stays what it is. */
  of(label: OperatorLabel, thrown: unknown, at?: string): unknown {
    if (thrown instanceof UserFault) return thrown;
    const fault = new UserFault(label, (this.#freezes ? changedInPlace(label, thrown) : undefined) ?? thrown, at);
    this.#first ??= fault;
    return fault;
  }

  /** Throws the first fault, if there was one that nobody has heard of. */
  check(): void {
    if (this.#first !== undefined) throw this.#first;
  }
}

/** What a record's way through a chain failed with, now that its position is known. Errors of our own keep their code. */
export function atPosition(thrown: unknown, position: string | undefined): unknown {
  if (!(thrown instanceof UserFault)) return WeirError.is(thrown) && position !== undefined ? thrown.about({ position }) : thrown;
  const { label, thrown: cause } = thrown;
  const at = thrown.at === undefined ? position : position === undefined ? thrown.at : `${thrown.at}, after ${position}`;
  const subject = { operator: label.operator, subtask: label.subtask, ...(at === undefined ? {} : { position: at }) };
  if (WeirError.is(cause)) return cause.about(subject);
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : `it threw ${messageOf(cause)}`;
  return new WeirError({
    code: 'USER_FUNCTION_FAILED',
    domain: 'program',
    message: `Operator "${label.operator}" failed${at === undefined ? '' : ` at ${at}`}: ${what}`,
    advice: thrown.at === 'open' ? 'Correct the function.' : 'Correct the function, or let it pass over such records.',
    subject,
    cause,
  });
}

/** User functions are synchronous; what an asynchronous one did after its first await would be lost. */
export function asyncRefused(): WeirError {
  return new WeirError({
    code: 'ASYNC_USER_FUNCTION',
    domain: 'program',
    message: 'The function returned something where nothing is expected; it is asynchronous, perhaps.',
    advice: 'Make it synchronous, and emit by out.collect(...).',
  });
}
