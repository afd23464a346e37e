import { compareCanonicalKeys } from '../values/canonical-key.ts';
import type { KeyTimers, Timer } from './timer.ts';

const isBefore = (a: Timer, b: Timer): boolean => (a.time !== b.time ? a.time < b.time : compareOwners(a.owner, b.owner) < 0);

const compareOwners = (a: KeyTimers, b: KeyTimers): number =>
  compareCanonicalKeys(a.first, b.first) || compareCanonicalKeys(a.second, b.second);

/** A binary heap of timers: the earliest first, among equal times the lowest canonical key, then the lowest namespace. */
export class TimerHeap {
  #timers: Timer[] = [];

  get length(): number {
    return this.#timers.length;
  }

  /** The earliest that is registered. Those before it that are not are dropped. */
  peek(): Timer | undefined {
    let first = this.#timers[0];
    while (first !== undefined && !first.registered) {
      this.pop();
      first = this.#timers[0];
    }
    return first;
  }

  push(timer: Timer): void {
    timer.inHeap = true;
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = timers[above]!;
      if (!isBefore(timer, parent)) break;
      timers[at] = parent;
      at = above;
    }
    timers[at] = timer;
  }

  /** Takes out the first, registered or not. */
  pop(): void {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (first === undefined || last === undefined) return;
    first.inHeap = false;
    if (timers.length > 0) this.#sink(0, last);
  }

  /** Drops all that are not registered, in one go. */
  shed(): void {
    for (const timer of this.#timers) timer.inHeap = timer.registered;
    this.#timers = this.#timers.filter((timer) => timer.registered);
    for (let at = (this.#timers.length >> 1) - 1; at >= 0; at--) this.#sink(at, this.#timers[at]!);
  }

  #sink(from: number, timer: Timer): void {
    const timers = this.#timers;
    const { length } = timers;
    let at = from;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(timers[below + 1]!, timers[below]!)) below++;
      const child = timers[below]!;
      if (!isBefore(child, timer)) break;
      timers[at] = child;
      at = below;
    }
    timers[at] = timer;
  }
}
