import type { OperatorState } from '../../state/index.ts';
import type { ReduceFunction } from '../../stream/functions.ts';
import type { ValueState } from '../../stream/state.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import type { Key } from '../../values/key.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Head, Receiver } from './receiver.ts';

/** Where a reduction is kept, as the stream graph declares it. */
const reduceStateName = '_reduce';

export class ReduceOperator extends Operator implements Head {
  readonly nextDueAt = undefined;
  readonly #in: OperatorContext;
  readonly #state: OperatorState;
  readonly #next: Receiver;
  readonly #freeze: FreezeSample;
  readonly #reduce: ReduceFunction<unknown>;
  readonly #reduced: ValueState<unknown>;

  constructor(context: OperatorContext, reduce: ReduceFunction<unknown>) {
    super(context.label);
    this.#in = context;
    this.#state = context.state;
    this.#next = context.next;
    this.#freeze = context.freeze;
    this.#reduce = reduce;
    this.#reduced = context.state.valueState(reduceStateName);
  }

  receive(): void {
    throw new TypeError('Records reach a keyed operator with their key.');
  }

  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void {
    this.#state.setCurrentKey(key, keyGroup);
    let result = value;
    const reduce = this.#reduce;
    try {
      const before = this.#reduced.value();
      if (before !== undefined) result = reduce(before, value);
      this.#reduced.update(result);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
    this.#next.receive(this.#freeze.of(result), timestamp);
  }

  advance(): void {}

  advanceProcessingTime(): void {}
}
