import type { KeyedProcessFunction } from '../../stream/functions.ts';
import type { StateDeclarations } from '../../stream/state.ts';
import type { Key } from '../../values/key.ts';
import { refuse } from './flat-map.ts';
import { KeyedContext } from './keyed-context.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Head } from './receiver.ts';
import { TimerFiring } from './timer-firing.ts';

type Process = KeyedProcessFunction<unknown, unknown, Key, StateDeclarations>;

export class KeyedProcessOperator extends Operator implements Head {
  readonly #in: OperatorContext;
  readonly #process: Process;
  readonly #element: KeyedContext;
  readonly #timers: TimerFiring;

  constructor(context: OperatorContext, process: Process) {
    super(context.label);
    this.#in = context;
    this.#process = process;
    this.#element = new KeyedContext(context, process.state ?? {});
    this.#timers = new TimerFiring(context, process, this.#element);
  }

  receive(): void {
    throw new TypeError('Records reach a keyed operator with their key.');
  }

  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void {
    const element = this.#element;
    element.atElement(timestamp, key, keyGroup);
    try {
      const returned: unknown = this.#process.onElement(value, element, element.out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }

  advance(watermark: number): void {
    this.#timers.advance(watermark);
  }

  advanceProcessingTime(): void {
    this.#timers.advanceProcessingTime();
  }

  get nextDueAt(): number | undefined {
    return this.#timers.nextDueAt;
  }
}
