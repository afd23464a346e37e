import type { ProcessFunction } from '../../stream/functions.ts';
import { refuse } from './flat-map.ts';
import type { OperatorContext } from './operator-context.ts';
import { PlainContext } from './plain-context.ts';
import type { Receiver } from './receiver.ts';

export class ProcessOperator implements Receiver {
  readonly #in: OperatorContext;
  readonly #process: ProcessFunction<unknown, unknown>;
  readonly #element: PlainContext;

  constructor(context: OperatorContext, process: ProcessFunction<unknown, unknown>) {
    this.#in = context;
    this.#process = process;
    this.#element = new PlainContext(context);
  }

  receive(value: unknown, timestamp: number): void {
    const element = this.#element;
    element.out.timestamp = timestamp;
    try {
      const returned: unknown = this.#process.onElement(value, element, element.out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }
}
