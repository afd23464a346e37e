import type { TimerQueue } from '../../state/index.ts';
import { type Collector, maxWatermark, type TimeDomain, type TimerContext } from '../../stream/functions.ts';
import type { StateDeclarations } from '../../stream/state.ts';
import type { Key } from '../../values/key.ts';
import type { Deadline } from '../deadline.ts';
import { refuse } from './flat-map.ts';
import type { KeyedContext } from './keyed-context.ts';
import type { OperatorContext } from './operator-context.ts';

/** How many timers may fire before the deadline is looked at again. */
const timersPerCheck = 1024;

/** A function that may have timers; its context is the keyed one, with what the function's kind adds to it. */
interface WithTimers {
  onTimer?(time: number, context: TimerContext<Key, StateDeclarations>, out: Collector<unknown>): void;
}

/** Gives a keyed function its timers as their time comes. */
export class TimerFiring {
  readonly #in: OperatorContext;
  readonly #function: WithTimers;
  readonly #element: KeyedContext;

  constructor(context: OperatorContext, withTimers: WithTimers, element: KeyedContext) {
    this.#in = context;
    this.#function = withTimers;
    this.#element = element;
  }

  /** The combined watermark has risen. */
  advance(watermark: number): void {
    this.#fireUpTo(watermark, 'eventTime');
  }

  /** It is the epoch's stamp. After the end of event time nothing is emitted any more. */
  advanceProcessingTime(): void {
    const { stamp, watermark } = this.#in.epoch;
    if (watermark !== maxWatermark) this.#fireUpTo(stamp, 'processingTime');
  }

  /** When the next processing-time timer is due, if one can still fire. */
  get nextDueAt(): number | undefined {
    return this.#in.epoch.watermark === maxWatermark ? undefined : this.#in.state.processingTimers.earliest;
  }

  #fireUpTo(upTo: number, domain: TimeDomain): void {
    const timers = domain === 'eventTime' ? this.#in.state.timers : this.#in.state.processingTimers;
    fireTimers(timers, upTo, this.#in.epoch.deadline, (time) => this.#fire(time, domain));
  }

  #fire(time: number, domain: TimeDomain): void {
    this.#element.atTimer(time, domain);
    try {
      const returned: unknown = this.#function.onTimer?.(time, this.#element, this.#element.out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      const { key } = this.#element;
      throw this.#in.faults.of(this.#in.label, thrown, `timer ${time} of key ${shownKey(key)}`);
    }
  }
}

/** Takes the timers that are due one after the other; those that are registered meanwhile come too. */
export function fireTimers(timers: TimerQueue, upTo: number, deadline: Deadline, fire: (time: number) => void): void {
  let fired = 0;
  for (let time = timers.poll(upTo); time !== undefined; time = timers.poll(upTo)) {
    if (++fired % timersPerCheck === 0) deadline.check();
    fire(time);
  }
}

/** For messages. */
export const shownKey = (key: Key): string => (typeof key === 'object' ? JSON.stringify(key, bigintAsText) : String(key));

const bigintAsText = (_field: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
