import { WeirError } from '../base/errors.ts';
import type { EdgeWriter } from '../exchange/output-writer.ts';
import { joinReceivers, type Receiver } from './operators/receiver.ts';
import type { Faults, OperatorLabel } from './user-fault.ts';

/** What an operator feeds: the next operators and edges of its main output, and of its side outputs. */
export class Feeds {
  readonly #byTag = new Map<string | undefined, Receiver[]>();

  of(sideOutput: string | undefined): Receiver[] {
    let receivers = this.#byTag.get(sideOutput);
    if (receivers === undefined) {
      receivers = [];
      this.#byTag.set(sideOutput, receivers);
    }
    return receivers;
  }

  sides(): ReadonlyMap<string, Receiver> {
    const sides = new Map<string, Receiver>();
    for (const [tag, receivers] of this.#byTag) if (tag !== undefined) sides.set(tag, joinReceivers(receivers));
    return sides;
  }
}

/** An edge as the end of a chain, that says who is to blame for what goes wrong on it. */
export class EdgeReceiver implements Receiver {
  readonly #writer: EdgeWriter;
  readonly #faults: Faults;
  readonly #labels: { readonly emitter: OperatorLabel; readonly target: OperatorLabel };

  constructor(writer: EdgeWriter, faults: Faults, labels: { readonly emitter: OperatorLabel; readonly target: OperatorLabel }) {
    this.#writer = writer;
    this.#faults = faults;
    this.#labels = labels;
  }

  receive(value: unknown, timestamp: number): void {
    try {
      this.#writer.receive(value, timestamp);
    } catch (thrown) {
      const ofKey = WeirError.is(thrown) && thrown.code === 'KEY_INVALID';
      throw this.#faults.of(ofKey ? this.#labels.target : this.#labels.emitter, thrown);
    }
  }
}
