import type { FilterFunction } from '../../stream/functions.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Receiver } from './receiver.ts';

export class FilterOperator extends Operator implements Receiver {
  readonly #in: OperatorContext;
  readonly #next: Receiver;
  readonly #filter: FilterFunction<unknown>;

  constructor(context: OperatorContext, filter: FilterFunction<unknown>) {
    super(context.label);
    this.#in = context;
    this.#next = context.next;
    this.#filter = filter;
  }

  receive(value: unknown, timestamp: number): void {
    let passes: unknown;
    const filter = this.#filter;
    try {
      passes = filter(value);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
    if (passes) this.#next.receive(value, timestamp);
  }
}
