import type { Key } from '../../values/key.ts';
import { refuse } from './flat-map.ts';
import type { KeyedContext } from './keyed-context.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { PlainContext } from './plain-context.ts';
import { type Head, PlainHead, type Receiver } from './receiver.ts';
import type { TimerFiring } from './timer-firing.ts';

/** One of the inputs of an operator that has two, where its records have no key at hand. */
export function plainInput(context: OperatorContext, element: PlainContext, onElement: (value: unknown) => unknown): Head {
  return new PlainHead(new PlainInput(context, element, onElement));
}

class PlainInput extends Operator implements Receiver {
  readonly #in: OperatorContext;
  readonly #element: PlainContext;
  readonly #onElement: (value: unknown) => unknown;

  constructor(context: OperatorContext, element: PlainContext, onElement: (value: unknown) => unknown) {
    super(context.label);
    this.#in = context;
    this.#element = element;
    this.#onElement = onElement;
  }

  receive(value: unknown, timestamp: number): void {
    this.#element.out.timestamp = timestamp;
    call(this.#in, this.#onElement, value);
  }
}

/** The same for keyed records. Time is told to one of an operator's inputs, which alone has `timers`. */
export class KeyedInput extends Operator implements Head {
  readonly #in: OperatorContext;
  readonly #element: KeyedContext;
  readonly #onElement: (value: unknown) => unknown;
  readonly #timers: TimerFiring | undefined;

  constructor(context: OperatorContext, element: KeyedContext, onElement: (value: unknown) => unknown, timers?: TimerFiring) {
    super(context.label);
    this.#in = context;
    this.#element = element;
    this.#onElement = onElement;
    this.#timers = timers;
  }

  receive(): void {
    throw new TypeError('Records reach a keyed input with their key.');
  }

  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void {
    this.#element.atElement(timestamp, key, keyGroup);
    call(this.#in, this.#onElement, value);
  }

  advance(watermark: number): void {
    this.#timers?.advance(watermark);
  }

  advanceProcessingTime(): void {
    this.#timers?.advanceProcessingTime();
  }

  get nextDueAt(): number | undefined {
    return this.#timers?.nextDueAt;
  }
}

function call({ faults, label }: OperatorContext, onElement: (value: unknown) => unknown, value: unknown): void {
  try {
    const returned = onElement(value);
    if (returned instanceof Promise) throw refuse(returned);
  } catch (thrown) {
    throw faults.of(label, thrown);
  }
}
