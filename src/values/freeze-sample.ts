import { deepFreeze } from './plain-value.ts';

/** Which values are frozen, so that a change in place throws: all of them, a few of every epoch, or none. */
export type FreezePolicy = 'all' | 'sample' | 'none';

/** A mistake that changes values in place changes the first ones too. */
const sampleSize = 32;

/**
 * Freezes the values of one place (what an operator emits, the state of an operator) as its policy says. The sample is the
 * first values of each epoch: a replay freezes the same, and what comes after them costs a comparison.
 */
export class FreezeSample {
  readonly #policy: FreezePolicy;
  #left = 0;

  constructor(policy: FreezePolicy) {
    this.#policy = policy;
    this.refill();
  }

  /** An epoch begins. */
  refill(): void {
    this.#left = this.#policy === 'none' ? 0 : sampleSize;
  }

  /** The very value, frozen if it is among those to be. */
  of<T>(value: T): T {
    return this.#left > 0 ? this.#frozen(value) : value;
  }

  /** The same of a list whose elements went through `of` when they were added. */
  list<T>(values: readonly T[]): readonly T[] {
    if (this.#left === 0) return values;
    this.#count();
    return Object.freeze(values);
  }

  #frozen<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    this.#count();
    // What is frozen was frozen here, in all its depth; large state is not walked through again at every look.
    return this.#policy === 'sample' && Object.isFrozen(value) ? value : deepFreeze(value);
  }

  #count(): void {
    if (this.#policy === 'sample') this.#left--;
  }
}
