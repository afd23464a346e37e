import type { Collector } from '../../stream/functions.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import type { Key } from '../../values/key.ts';

/** What takes records: the next operator of the chain, or an edge. `timestamp` is NaN where there is none. */
export interface Receiver {
  receive(value: unknown, timestamp: number): void;
}

/** The first operator of a chain that is fed by other vertices. */
export interface Head extends Receiver {
  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void;
  /** The combined watermark has risen: timers up to it fire. */
  advance(watermark: number): void;
  /** Processing time is the epoch's stamp: timers up to it fire. Called when the epoch begins, and before its barrier. */
  advanceProcessingTime(): void;
  /** Processing time at which there is something to do without new input. */
  readonly nextDueAt: number | undefined;
}

/** A head without keys and timers. */
export class PlainHead implements Head {
  readonly nextDueAt = undefined;
  readonly #receiver: Receiver;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  receive(value: unknown, timestamp: number): void {
    this.#receiver.receive(value, timestamp);
  }

  receiveKeyed(value: unknown, timestamp: number): void {
    this.#receiver.receive(value, timestamp);
  }

  advance(): void {}

  advanceProcessingTime(): void {}
}

/** Where nobody listens. */
const discard: Receiver = { receive() {} };

class FanOut implements Receiver {
  readonly #receivers: readonly Receiver[];

  constructor(receivers: readonly Receiver[]) {
    this.#receivers = receivers;
  }

  receive(value: unknown, timestamp: number): void {
    for (let i = 0; i < this.#receivers.length; i++) this.#receivers[i]!.receive(value, timestamp);
  }
}

/** One receiver for all that an operator feeds. */
export function joinReceivers(receivers: readonly Receiver[]): Receiver {
  return receivers.length === 0 ? discard : receivers.length === 1 ? receivers[0]! : new FanOut(receivers);
}

/** A user function's `out`: one per operator, told the timestamp at hand before each call. */
export class OperatorCollector implements Collector<unknown> {
  timestamp = Number.NaN;
  readonly #next: Receiver;
  readonly #freeze: FreezeSample;

  constructor(next: Receiver, freeze: FreezeSample) {
    this.#next = next;
    this.#freeze = freeze;
  }

  collect(value: unknown): void {
    this.#next.receive(this.#freeze.of(value), this.timestamp);
  }
}
