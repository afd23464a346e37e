import type { ProcessContext, ProcessFunction } from '../../stream/functions.ts';
import { refuse } from './flat-map.ts';
import type { OperatorContext } from './operator-context.ts';
import { OperatorCollector, type Receiver } from './receiver.ts';

export class ProcessOperator implements Receiver {
  readonly #in: OperatorContext;
  readonly #out: OperatorCollector;
  readonly #process: ProcessFunction<unknown, unknown>;
  readonly #element: PlainContext;

  constructor(context: OperatorContext, process: ProcessFunction<unknown, unknown>) {
    this.#in = context;
    this.#out = new OperatorCollector(context.next);
    this.#process = process;
    this.#element = new PlainContext(context);
  }

  receive(value: unknown, timestamp: number): void {
    this.#out.timestamp = timestamp;
    this.#element.time = timestamp;
    try {
      const returned: unknown = this.#process.onElement(value, this.#element, this.#out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }
}

/** The same object for all elements. */
class PlainContext implements ProcessContext {
  /** NaN where there is no timestamp. */
  time = Number.NaN;
  /** A function of its own, so that it can be taken out of the context. */
  readonly output: ProcessContext['output'];

  constructor({ sides }: OperatorContext) {
    this.output = (tag, value) => sides.get(tag.id)?.receive(value, this.time);
  }

  get timestamp(): number | undefined {
    return Number.isNaN(this.time) ? undefined : this.time;
  }
}
