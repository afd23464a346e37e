import type { OperatorState } from '../../state/index.ts';
import type { ListState } from '../../stream/state.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import type { Portable } from '../../values/portable.ts';
import type { EpochHook } from './operator-context.ts';

const none: readonly unknown[] = Object.freeze([]);

/**
 * A list that lives in memory and is stored whole at the barrier, if it changed. What is stored decides, at the beginning
 * of every epoch: after an undone attempt it is another than the one in memory.
 */
export class OperatorList implements ListState<unknown>, EpochHook {
  readonly #state: OperatorState;
  readonly #freeze: FreezeSample;
  readonly #name: string;
  /** Never changed in place: what was given out stays as it is, and so does what is stored. */
  #values: readonly unknown[] = none;
  #added: unknown[] = [];
  #changed = false;

  constructor(state: OperatorState, freeze: FreezeSample, name: string) {
    this.#state = state;
    this.#freeze = freeze;
    this.#name = name;
  }

  begin(): void {
    this.#values = (this.#state.operatorValue(this.#name) as readonly unknown[] | undefined) ?? none;
    this.#added = [];
    this.#changed = false;
  }

  end(): void {
    if (this.#changed) this.#state.setOperatorValue(this.#name, this.get() as Portable);
    this.#changed = false;
  }

  get(): readonly unknown[] {
    if (this.#added.length > 0) {
      this.#values = [...this.#values, ...this.#added];
      this.#added = [];
    }
    return this.#freeze.list(this.#values);
  }

  add(value: unknown): void {
    this.#added.push(this.#freeze.of(value));
    this.#changed = true;
  }

  addAll(values: Iterable<unknown>): void {
    for (const value of values) this.add(value);
  }

  update(values: Iterable<unknown>): void {
    this.#values = Array.from(values, (value) => this.#freeze.of(value));
    this.#added = [];
    this.#changed = true;
  }

  clear(): void {
    this.update(none);
  }
}
