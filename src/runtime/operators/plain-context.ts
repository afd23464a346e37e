import type { ProcessContext } from '../../stream/functions.ts';
import type { OperatorContext } from './operator-context.ts';
import { OperatorCollector } from './receiver.ts';

/** What a function without keys is given: the same object for all elements of an operator. */
export class PlainContext implements ProcessContext {
  /** A function of its own, so that it can be taken out of the context. */
  readonly output: ProcessContext['output'];
  readonly out: OperatorCollector;

  constructor({ next, sides, freeze }: OperatorContext) {
    this.out = new OperatorCollector(next, freeze);
    this.output = (tag, value) => sides.get(tag.id)?.receive(freeze.of(value), this.out.timestamp);
  }

  get timestamp(): number | undefined {
    return Number.isNaN(this.out.timestamp) ? undefined : this.out.timestamp;
  }
}
