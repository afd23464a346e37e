import type { FlatMapFunction } from '../../stream/functions.ts';
import { asyncRefused } from '../user-fault.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import { OperatorCollector, type Receiver } from './receiver.ts';

export class FlatMapOperator extends Operator implements Receiver {
  readonly #in: OperatorContext;
  readonly #out: OperatorCollector;
  readonly #flatMap: FlatMapFunction<unknown, unknown>;

  constructor(context: OperatorContext, flatMap: FlatMapFunction<unknown, unknown>) {
    super(context.label);
    this.#in = context;
    this.#out = new OperatorCollector(context.next, context.freeze);
    this.#flatMap = flatMap;
  }

  receive(value: unknown, timestamp: number): void {
    this.#out.timestamp = timestamp;
    const flatMap = this.#flatMap;
    try {
      const returned: unknown = flatMap(value, this.#out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }
}

/** The promise's own failure must not bring the process down. */
export function refuse(returned: Promise<unknown>): Error {
  returned.catch(() => undefined);
  return asyncRefused();
}
