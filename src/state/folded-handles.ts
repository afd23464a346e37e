import type {
  AggregatingState,
  AggregatingStateDeclaration,
  ReducingState,
  ReducingStateDeclaration,
  ValueState,
} from '../stream/state.ts';

type Reduction = Pick<ReducingStateDeclaration<unknown>, 'reduce'>;
type Aggregate = Pick<AggregatingStateDeclaration<unknown, unknown, unknown>, 'create' | 'add' | 'result'>;

/** Reducing state: a value that is reduced with what is added. */
export class ReducingHandle implements ReducingState<unknown> {
  readonly #value: ValueState<unknown>;
  readonly #reduction: Reduction;

  constructor(value: ValueState<unknown>, reduction: Reduction) {
    this.#value = value;
    this.#reduction = reduction;
  }

  get(): unknown {
    return this.#value.value();
  }

  add(value: unknown): void {
    const before = this.#value.value();
    this.#value.update(before === undefined ? value : this.#reduction.reduce(before, value));
  }

  clear(): void {
    this.#value.clear();
  }
}

/** Aggregating state: the accumulator is the value. */
export class AggregatingHandle implements AggregatingState<unknown, unknown> {
  readonly #accumulator: ValueState<unknown>;
  readonly #aggregate: Aggregate;

  constructor(accumulator: ValueState<unknown>, aggregate: Aggregate) {
    this.#accumulator = accumulator;
    this.#aggregate = aggregate;
  }

  get(): unknown {
    const accumulator = this.#accumulator.value();
    return accumulator === undefined ? undefined : this.#aggregate.result(accumulator);
  }

  add(value: unknown): void {
    const before = this.#accumulator.value();
    this.#accumulator.update(this.#aggregate.add(before === undefined ? this.#aggregate.create() : before, value));
  }

  clear(): void {
    this.#accumulator.clear();
  }
}
