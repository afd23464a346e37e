import type { ChainedOperator } from '../graph/job-graph.ts';
import { deepFreeze } from '../values/plain-value.ts';
import type { Portable } from '../values/portable.ts';
import { encodeValue } from '../values/serializer.ts';
import type { Attempt } from './attempt.ts';
import { encodingError } from './encoding-error.ts';

export type NamedValue = readonly [name: string, value: Portable];
export type ValuesByName = ReadonlyMap<string, Portable>;

/** The name of the declared state that an operator value holds: `split:seen` holds `seen`, `_splits` is the engine's. */
export const stateOfValue = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The operator values of a whole subtask. They are few and small: a first change remembers all of an operator's. */
export class OperatorValues {
  readonly #attempt: Attempt;
  readonly #freeze: boolean;
  #values = new Map<string, Map<string, Portable>>();
  #previous = new Map<string, Map<string, Portable>>();

  constructor(attempt: Attempt, freeze: boolean) {
    this.#attempt = attempt;
    this.#freeze = freeze;
  }

  /** Whether an attempt has set anything, be it to the same value. */
  get touched(): boolean {
    return this.#previous.size > 0;
  }

  get(operatorId: string, name: string): Portable | undefined {
    return this.#values.get(operatorId)?.get(name);
  }

  set(operatorId: string, name: string, value: Portable): void {
    this.#attempt.assertWorking();
    const values = this.#values.get(operatorId) ?? new Map<string, Portable>();
    if (!this.#previous.has(operatorId)) this.#previous.set(operatorId, new Map(values));
    values.set(name, this.#freeze ? deepFreeze(value) : value);
    this.#values.set(operatorId, values);
  }

  /** By name, so that equal values are written as equal bytes. */
  of(operatorId: string): readonly NamedValue[] {
    return [...(this.#values.get(operatorId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The bytes of all values: equal if and only if the values are. Names the first that is not plain data. */
  encode(operators: readonly ChainedOperator[]): Uint8Array {
    const values = operators.map(({ operatorId }) => this.of(operatorId));
    try {
      return encodeValue(values);
    } catch (cause) {
      for (const [index, { uid, name: operatorName }] of operators.entries()) {
        for (const [name, value] of values[index]!) {
          const error = encodingError(`operator state "${name}"`, uid ?? operatorName, value, cause);
          if (error !== cause) throw error;
        }
      }
      throw cause;
    }
  }

  promote(): void {
    this.#previous = new Map();
  }

  undo(): void {
    for (const [operatorId, values] of this.#previous) this.#values.set(operatorId, values);
    this.#previous = new Map();
  }

  /** Puts what was loaded in the place of everything. */
  load(values: ReadonlyMap<string, ValuesByName>): void {
    this.#values = new Map([...values].map(([operatorId, byName]) => [operatorId, new Map(byName)]));
    if (this.#freeze) for (const byName of this.#values.values()) for (const value of byName.values()) deepFreeze(value);
  }
}
