import type { ProcessFunction } from '../../stream/functions.ts';
import { refuse } from './flat-map.ts';
import type { OperatorContext } from './operator-context.ts';
import { OperatorCollector, type Receiver } from './receiver.ts';

export class ProcessOperator implements Receiver {
  readonly #in: OperatorContext;
  readonly #out: OperatorCollector;
  readonly #process: ProcessFunction<unknown, unknown>;
  /** The same object for all elements. */
  readonly #element: { timestamp: number | undefined } = { timestamp: undefined };

  constructor(context: OperatorContext, process: ProcessFunction<unknown, unknown>) {
    this.#in = context;
    this.#out = new OperatorCollector(context.next);
    this.#process = process;
  }

  receive(value: unknown, timestamp: number): void {
    this.#out.timestamp = timestamp;
    this.#element.timestamp = Number.isNaN(timestamp) ? undefined : timestamp;
    try {
      const returned: unknown = this.#process.onElement(value, this.#element, this.#out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }
}
