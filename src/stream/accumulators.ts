import { WeirError } from '../base/errors.ts';
import { type AccumulatorKind, accumulatorTypes } from '../values/accumulator.ts';
import type { RuntimeContext } from './functions.ts';

/**
 * Something that a job adds up beside its records, over all subtasks: how many lines were malformed, the longest delay.
 * It is part of every checkpoint's commit, so that what a failed attempt added does not count, and no restart loses or
 * doubles anything. Functions can only add to it; its value is shown when the job has ended, and meanwhile by the control
 * API. Flink's SimpleAccumulator.
 */
export interface Accumulator {
  /** ACCUMULATOR_INVALID for what is no finite number; in counters of whole numbers and histograms, for what is not whole. */
  add(value: number): void;
}

/** What is registered under a name. Made by `longCounter()` and its like. */
export interface AccumulatorDeclaration {
  readonly kind: AccumulatorKind;
}

/** A sum of whole numbers, exact up to 2^53. */
export const longCounter = (): AccumulatorDeclaration => ({ kind: 'longCounter' });

/** A sum of numbers; like any such sum, up to rounding. */
export const doubleCounter = (): AccumulatorDeclaration => ({ kind: 'doubleCounter' });

/** The least of the numbers added. */
export const doubleMinimum = (): AccumulatorDeclaration => ({ kind: 'doubleMinimum' });

/** The greatest of the numbers added. */
export const doubleMaximum = (): AccumulatorDeclaration => ({ kind: 'doubleMaximum' });

/** The mean of the numbers added. */
export const averageAccumulator = (): AccumulatorDeclaration => ({ kind: 'averageAccumulator' });

/** How often each whole number was added; for a few hundred different ones, not for thousands. */
export const histogram = (): AccumulatorDeclaration => ({ kind: 'histogram' });

/** What takes what the functions of one subtask add. */
export interface AccumulatorTarget {
  /** Again with the same kind is no change. */
  register(name: string, kind: AccumulatorKind): void;
  add(name: string, value: number): void;
}

/*
 * Whose functions are running. Function objects are shared: subtasks of one slot have the same ones, and a class instance
 * at the top of a module serves all jobs of its process. So what `open` gave out, and the function put away, can't know
 * the subtask; but functions are synchronous, so the subtask that is at hand when one adds is the one it runs for.
 */
let running: AccumulatorTarget | undefined;

/** Before functions of a subtask run; with nothing, when they have. */
export function accumulateInto(target: AccumulatorTarget | undefined): void {
  running = target;
}

function current(name: string): AccumulatorTarget {
  if (running !== undefined) return running;
  throw invalidAccumulator(name, 'it was used while no function of a subtask was running', 'Add from within a function of the job.');
}

class Handle implements Accumulator {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  add(value: number): void {
    current(this.#name).add(this.#name, value);
  }
}

const nameLengthMax = 100;

/** The runtime context of a subtask's operator. */
export function runtimeContext(of: Pick<RuntimeContext, 'operatorName' | 'subtask' | 'parallelism'>): RuntimeContext {
  return {
    ...of,
    addAccumulator(name, declaration) {
      if (typeof name !== 'string' || name === '' || name.length > nameLengthMax)
        throw invalidAccumulator(String(name), `its name must be a string of 1 to ${nameLengthMax} characters`, 'Give it a short name.');
      const { kind } = Object(declaration) as { readonly kind?: unknown };
      if (typeof kind !== 'string' || !Object.hasOwn(accumulatorTypes, kind))
        throw invalidAccumulator(name, 'it must be made by longCounter() or one of its like', "Say addAccumulator('late', longCounter()).");
      current(name).register(name, kind as AccumulatorKind);
      return new Handle(name);
    },
  };
}

/** The refusal of an accumulator. `problem` is a clause. */
export function invalidAccumulator(name: string, problem: string, advice: string): WeirError {
  return new WeirError({
    code: 'ACCUMULATOR_INVALID',
    domain: 'program',
    message: `Accumulator "${name}" can't be kept: ${problem}.`,
    advice,
  });
}
