import type { CanonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';

/** From here on a list is slower than a map. */
const searchedMax = 16;

/** One (time, key). One that is not registered stays where it is until its fate is known. */
export class Timer {
  readonly time: number;
  readonly owner: KeyTimers;
  registered = false;
  /** Whether the heap holds it; one that is not registered is dropped from there when it comes up. */
  inHeap = false;
  /** Of the attempt that changed it last, and what it was before. */
  mark = 0;
  wasRegistered = false;

  constructor(time: number, owner: KeyTimers) {
    this.time = time;
    this.owner = owner;
  }
}

/** The timers of one key, in the order in which they came. */
export class KeyTimers {
  readonly key: Key;
  readonly keyGroup: number;
  readonly canonical: CanonicalKey;
  readonly timers: Timer[] = [];
  #byTime: Map<number, Timer> | undefined = undefined;

  constructor(key: Key, keyGroup: number, canonical: CanonicalKey) {
    this.key = key;
    this.keyGroup = keyGroup;
    this.canonical = canonical;
  }

  find(time: number): Timer | undefined {
    if (this.#byTime !== undefined) return this.#byTime.get(time);
    for (const timer of this.timers) if (timer.time === time) return timer;
    return undefined;
  }

  add(timer: Timer): void {
    this.timers.push(timer);
    if (this.#byTime !== undefined) this.#byTime.set(timer.time, timer);
    else if (this.timers.length > searchedMax) this.#byTime = new Map(this.timers.map((each) => [each.time, each]));
  }

  remove(timer: Timer): void {
    this.timers.splice(this.timers.indexOf(timer), 1);
    this.#byTime?.delete(timer.time);
  }
}
