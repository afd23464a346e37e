import { maxWatermark, type TimeDomain, type TimerService } from '../stream/functions.ts';
import { type CanonicalKey, canonicalKey, compareCanonicalKeys } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import type { Emit } from './reference-operators.ts';

export interface ReferenceTimer {
  readonly time: number;
  readonly key: Key;
  readonly canonical: CanonicalKey;
}

/** The timers of one operator, in lists that are looked through from end to end. */
export class ReferenceTimers {
  eventTime: readonly ReferenceTimer[] = [];
  processingTime: readonly ReferenceTimer[] = [];
  /** What is done with a timer that is due. */
  fire: (timer: ReferenceTimer, domain: TimeDomain, emit: Emit) => void = () => undefined;
  #watermark: number | undefined = undefined;
  #stamp = 0;

  advance(watermark: number, emit: Emit): void {
    this.#watermark = watermark;
    this.#fireUpTo(watermark, 'eventTime', emit);
  }

  advanceProcessingTime(stamp: number, emit: Emit): void {
    this.#stamp = stamp;
    if (this.#watermark !== maxWatermark) this.#fireUpTo(stamp, 'processingTime', emit);
  }

  serviceOf(key: Key): TimerService {
    const canonical = canonicalKey(key);
    const isOf = (timer: ReferenceTimer, time: number) => timer.time === time && timer.canonical === canonical;
    const register = (domain: TimeDomain) => (time: number) => {
      if (!this[domain].some((timer) => isOf(timer, time))) this[domain] = [...this[domain], { time, key, canonical }];
    };
    const remove = (domain: TimeDomain) => (time: number) => {
      this[domain] = this[domain].filter((timer) => !isOf(timer, time));
    };
    return {
      currentWatermark: this.#watermark,
      currentProcessingTime: this.#stamp,
      registerEventTimeTimer: register('eventTime'),
      deleteEventTimeTimer: remove('eventTime'),
      registerProcessingTimeTimer: register('processingTime'),
      deleteProcessingTimeTimer: remove('processingTime'),
    };
  }

  #fireUpTo(upTo: number, domain: TimeDomain, emit: Emit): void {
    for (;;) {
      const due = this[domain].filter((timer) => timer.time <= upTo).sort(compareTimers)[0];
      if (due === undefined) return;
      this[domain] = this[domain].filter((timer) => timer !== due);
      this.fire(due, domain, emit);
    }
  }
}

const compareTimers = (a: ReferenceTimer, b: ReferenceTimer): number => a.time - b.time || compareCanonicalKeys(a.canonical, b.canonical);
