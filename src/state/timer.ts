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
  /** What timers of one time go by: the key's canonical form, and that of the namespace where there is one. */
  readonly first: CanonicalKey;
  readonly second: CanonicalKey;
  readonly timers: Timer[] = [];
  #byTime: Map<number, Timer> | undefined = undefined;

  constructor(key: Key, keyGroup: number, canonical: CanonicalKey, order?: readonly [CanonicalKey, CanonicalKey]) {
    this.key = key;
    this.keyGroup = keyGroup;
    this.canonical = canonical;
    this.first = order?.[0] ?? canonical;
    this.second = order?.[1] ?? '';
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
