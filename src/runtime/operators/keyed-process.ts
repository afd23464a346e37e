import { WeirError } from '../../base/errors.ts';
import type { OperatorState } from '../../state/index.ts';
import type { ElementContext, KeyedProcessFunction, TimerService } from '../../stream/functions.ts';
import type { StateDeclarations, StateHandles } from '../../stream/state.ts';
import type { Key } from '../../values/key.ts';
import { refuse } from './flat-map.ts';
import type { EpochView, OperatorContext } from './operator-context.ts';
import { type Head, OperatorCollector } from './receiver.ts';

type Process = KeyedProcessFunction<unknown, unknown, Key, StateDeclarations>;

/** How many timers may fire before the deadline is looked at again. */
const timersPerCheck = 1024;

export class KeyedProcessOperator implements Head {
  readonly #in: OperatorContext;
  readonly #state: OperatorState;
  readonly #process: Process;
  readonly #out: OperatorCollector;
  readonly #element: KeyedContext;

  constructor(context: OperatorContext, process: Process) {
    this.#in = context;
    this.#state = context.state;
    this.#process = process;
    this.#out = new OperatorCollector(context.next);
    this.#element = new KeyedContext(context, process.state ?? {});
  }

  receive(): void {
    throw new TypeError('Records reach a keyed operator with their key.');
  }

  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void {
    this.#state.setCurrentKey(key, keyGroup);
    this.#element.key = key;
    this.#element.time = timestamp;
    this.#out.timestamp = timestamp;
    try {
      const returned: unknown = this.#process.onElement(value, this.#element, this.#out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }

  advance(watermark: number): void {
    const { timers } = this.#state;
    let fired = 0;
    for (let time = timers.poll(watermark); time !== undefined; time = timers.poll(watermark)) {
      if (++fired % timersPerCheck === 0) this.#in.epoch.deadline.check();
      this.#fire(time);
    }
  }

  #fire(time: number): void {
    const key = this.#state.currentKey;
    this.#element.key = key;
    this.#element.time = time;
    this.#out.timestamp = time;
    try {
      const returned: unknown = this.#process.onTimer?.(time, this.#element, this.#out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(
        this.#in.label,
        thrown,
        `timer ${time} of key ${typeof key === 'object' ? JSON.stringify(key, bigintAsText) : String(key)}`,
      );
    }
  }
}

const bigintAsText = (_field: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

/** The same object for all elements and timers. */
class KeyedContext implements ElementContext<Key, StateDeclarations> {
  key: Key = '';
  /** NaN where there is no timestamp. */
  time = Number.NaN;
  readonly state: StateHandles<StateDeclarations>;
  readonly timers: TimerService;
  /** A function of its own, so that it can be taken out of the context as `state` and `timers` are. */
  readonly output: ElementContext<Key, StateDeclarations>['output'];

  constructor({ state, epoch, sides }: OperatorContext, declarations: StateDeclarations) {
    this.state = Object.freeze(Object.fromEntries(Object.keys(declarations).map((name) => [name, state.valueState(name)])));
    this.timers = new EventTimeTimers(state, epoch);
    this.output = (tag, value) => sides.get(tag.id)?.receive(value, this.time);
  }

  get timestamp(): number | undefined {
    return Number.isNaN(this.time) ? undefined : this.time;
  }
}

class EventTimeTimers implements TimerService {
  readonly #state: OperatorState;
  readonly #epoch: EpochView;

  constructor(state: OperatorState, epoch: EpochView) {
    this.#state = state;
    this.#epoch = epoch;
  }

  get currentWatermark(): number | undefined {
    return this.#epoch.watermark === Number.NEGATIVE_INFINITY ? undefined : this.#epoch.watermark;
  }

  get currentProcessingTime(): number {
    return this.#epoch.stamp;
  }

  registerEventTimeTimer(time: number): void {
    this.#state.timers.register(checkTime(time));
  }

  deleteEventTimeTimer(time: number): void {
    this.#state.timers.delete(checkTime(time));
  }
}

function checkTime(time: number): number {
  if (Number.isFinite(time)) return time;
  throw new WeirError({
    code: 'TIMER_INVALID',
    domain: 'program',
    message: `A timer is set for a time in milliseconds, a finite number; found ${String(time)}.`,
    advice: 'For the end of the stream use maxWatermark.',
  });
}
