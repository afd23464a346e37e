import type { MapFunction } from '../../stream/functions.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Receiver } from './receiver.ts';

export class MapOperator extends Operator implements Receiver {
  readonly #in: OperatorContext;
  readonly #next: Receiver;
  readonly #freeze: FreezeSample;
  readonly #map: MapFunction<unknown, unknown>;

  constructor(context: OperatorContext, map: MapFunction<unknown, unknown>) {
    super(context.label);
    this.#in = context;
    this.#next = context.next;
    this.#freeze = context.freeze;
    this.#map = map;
  }

  receive(value: unknown, timestamp: number): void {
    let result: unknown;
    const map = this.#map;
    try {
      result = map(value);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
    this.#next.receive(this.#freeze.of(result), timestamp);
  }
}
