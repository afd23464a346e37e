import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import { readValues } from '../values/value-reader.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import type { TimerQueue } from './api.ts';
import { corrupt } from './corrupt.ts';
import { describeKey } from './describe-key.ts';
import { type GroupCounts, type KeyedTable, ownKeyOf, type StoredRun, type TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import { KeyTimers, Timer } from './timer.ts';
import { TimerHeap } from './timer-heap.ts';

/** The names under which timers are stored: of event time, which came first, and of processing time. */
export type TimerDomain = '' | 'processing';

/** What a timer counts for in estimates of size. */
const timerBytes = 16;

/** As many dropped timers may stay in the heap besides as many as there are registered ones. */
const heapSlack = 64;

/** An operator's timers of one time domain, as keyed state: they lie by key group and key, and in a heap by time. */
export class TimerTable implements KeyedTable, TimerQueue {
  readonly kind = 'timers';
  readonly name: TimerDomain;
  readonly timed = false;
  entries = 0;
  readonly #in: TableContext;
  readonly #groups: (Map<CanonicalKey, KeyTimers> | undefined)[];
  readonly #counts: number[];
  readonly #heap = new TimerHeap();
  #changed: Timer[] = [];
  #gathered = new Map<number, Timer[]>();
  #current: KeyTimers | undefined = undefined;
  #currentVersion = -1;

  constructor(name: TimerDomain, context: TableContext) {
    this.name = name;
    this.#in = context;
    this.#groups = new Array<undefined>(context.keyGroups).fill(undefined);
    this.#counts = new Array<number>(context.keyGroups).fill(0);
  }

  get namespaced(): boolean {
    return this.#in.namespaced;
  }

  get bytes(): number {
    return this.entries * timerBytes;
  }

  register(time: number): void {
    this.#in.attempt.assertWorking();
    if (!Number.isFinite(time)) throw this.#notATime(time);
    const owner = this.#find() ?? this.#add();
    let timer = owner.find(time);
    if (timer === undefined) {
      timer = new Timer(time + 0, owner);
      owner.add(timer);
    } else if (timer.registered) return;
    this.#touch(timer);
    this.#set(timer, true);
  }

  delete(time: number): void {
    if (!Number.isFinite(time)) throw this.#notATime(time);
    const timer = this.#find()?.find(time);
    if (timer === undefined || !timer.registered) return;
    this.#touch(timer);
    this.#set(timer, false);
    this.#shed();
  }

  get earliest(): number | undefined {
    return this.#heap.peek()?.time;
  }

  poll(upTo: number): number | undefined {
    const timer = this.#heap.peek();
    if (timer === undefined || timer.time > upTo) return undefined;
    this.#touch(timer);
    this.#heap.pop();
    this.#set(timer, false);
    const { key, keyGroup, canonical } = timer.owner;
    this.#in.cursor.set(key, keyGroup, canonical);
    return timer.time;
  }

  entriesIn(keyGroup: number): number {
    return this.#counts[keyGroup - this.#in.firstKeyGroup] ?? 0;
  }

  gather(): ReadonlyMap<number, number> {
    this.#gathered = new Map();
    const counts = new Map<number, number>();
    for (const timer of this.#changed) {
      if (timer.registered === timer.wasRegistered) continue;
      const { keyGroup } = timer.owner;
      const others = this.#gathered.get(keyGroup);
      if (others === undefined) this.#gathered.set(keyGroup, [timer]);
      else others.push(timer);
      counts.set(keyGroup, (counts.get(keyGroup) ?? 0) + 1);
    }
    return counts;
  }

  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts {
    if (whole) return { puts: this.#writeAll(keyGroup, out), deletes: 0 };
    const gathered = this.#gathered.get(keyGroup) ?? [];
    return { puts: writeThose(gathered, true, out), deletes: writeThose(gathered, false, out) };
  }

  #writeAll(keyGroup: number, out: ValueWriter): number {
    let written = 0;
    for (const { key, timers } of this.#groups[keyGroup - this.#in.firstKeyGroup]?.values() ?? []) {
      for (const timer of timers) {
        if (!timer.registered) continue;
        out.write(key);
        out.write(timer.time);
        written++;
      }
    }
    return written;
  }

  promote(): void {
    for (const timer of this.#changed) if (!timer.registered) this.#remove(timer);
    this.#forgetChanges();
  }

  undo(): void {
    for (const timer of this.#changed) {
      if (timer.registered !== timer.wasRegistered) this.#set(timer, timer.wasRegistered);
      if (!timer.registered) this.#remove(timer);
    }
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    for (const timer of this.#registeredIn(keyGroup)) this.#set(timer, false);
    this.#groups[keyGroup - this.#in.firstKeyGroup] = undefined;
    this.#shed();
  }

  read({ keyGroup, counts, bytes, start, end }: StoredRun): void {
    let position = 0;
    let key: Key = '';
    readValues(
      bytes,
      (value) => {
        if (position % 2 === 0) key = value as Key;
        else this.#load(key, keyGroup, value, position < counts.puts * 2);
        position++;
      },
      start,
      end,
    );
    if (position !== (counts.puts + counts.deletes) * 2) throw corrupt(`key group ${keyGroup} of timers has ${position} values`);
  }

  #find(): KeyTimers | undefined {
    const { cursor } = this.#in;
    if (this.#currentVersion !== cursor.version) {
      this.#current = this.#groups[cursor.keyGroup - this.#in.firstKeyGroup]?.get(cursor.canonical);
      this.#currentVersion = cursor.version;
    }
    return this.#current;
  }

  #add(): KeyTimers {
    const { key, keyGroup, canonical } = this.#in.cursor;
    this.#in.keyKinds.add(ownKeyOf(this.#in, key));
    this.#current = this.#insert(key, keyGroup, canonical);
    return this.#current;
  }

  #insert(key: Key, keyGroup: number, canonical: CanonicalKey): KeyTimers {
    const index = keyGroup - this.#in.firstKeyGroup;
    assert(index >= 0 && index < this.#in.keyGroups, `key group ${keyGroup} belongs to this subtask`);
    assert(keyGroup === keyGroupOf(ownKeyOf(this.#in, key), this.#in.maxParallelism), `key group ${keyGroup} is the key's`);
    const owner = new KeyTimers(ownValue(key), keyGroup, ownValue(canonical), this.#in.namespaced ? orderOf(key) : undefined);
    let group = this.#groups[index];
    if (group === undefined) {
      group = new Map();
      this.#groups[index] = group;
    }
    group.set(owner.canonical, owner);
    return owner;
  }

  #set(timer: Timer, registered: boolean): void {
    timer.registered = registered;
    const change = registered ? 1 : -1;
    this.entries += change;
    this.#counts[timer.owner.keyGroup - this.#in.firstKeyGroup]! += change;
    if (registered && !timer.inHeap) this.#heap.push(timer);
  }

  #shed(): void {
    if (this.#heap.length > this.entries * 2 + heapSlack) this.#heap.shed();
  }

  #touch(timer: Timer): void {
    const { attempt } = this.#in;
    if (timer.mark === attempt.mark) return;
    attempt.assertWorking();
    timer.mark = attempt.mark;
    timer.wasRegistered = timer.registered;
    this.#changed.push(timer);
  }

  #remove(timer: Timer): void {
    const { owner } = timer;
    owner.remove(timer);
    if (owner.timers.length === 0) this.#groups[owner.keyGroup - this.#in.firstKeyGroup]!.delete(owner.canonical);
  }

  #registeredIn(keyGroup: number): Timer[] {
    const found: Timer[] = [];
    for (const owner of this.#groups[keyGroup - this.#in.firstKeyGroup]?.values() ?? []) {
      for (const timer of owner.timers) if (timer.registered) found.push(timer);
    }
    return found;
  }

  #forgetChanges(): void {
    this.#changed = [];
    this.#gathered = new Map();
  }

  #load(key: Key, keyGroup: number, time: unknown, registered: boolean): void {
    if (typeof time !== 'number' || !Number.isFinite(time)) throw corrupt('a timer has no time');
    const canonical = canonicalKey(key);
    const owner = this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonical);
    const timer = owner?.find(time);
    if (registered && timer === undefined) {
      this.#in.keyKinds.load(ownKeyOf(this.#in, key));
      const added = new Timer(time, owner ?? this.#insert(key, keyGroup, canonical));
      added.owner.add(added);
      this.#set(added, true);
    } else if (!registered && timer !== undefined) {
      this.#set(timer, false);
      this.#remove(timer);
    }
  }

  #notATime(time: number): WeirError {
    return new WeirError({
      code: 'TIMER_INVALID',
      domain: 'program',
      message: `A timer of operator "${this.#in.operator}" needs a finite number as its time, but for key ${describeKey(ownKeyOf(this.#in, this.#in.cursor.key))} found ${time}.`,
      advice: 'For the end of the stream use maxWatermark.',
      subject: { operator: this.#in.operator },
    });
  }
}

/** By key, then by namespace. */
function orderOf(pair: Key): readonly [CanonicalKey, CanonicalKey] {
  const [key, namespace] = pair as readonly [Key, Key];
  return [ownValue(canonicalKey(key)), ownValue(canonicalKey(namespace))];
}

function writeThose(timers: readonly Timer[], registered: boolean, out: ValueWriter): number {
  let written = 0;
  for (const timer of timers) {
    if (timer.registered !== registered) continue;
    out.write(timer.owner.key);
    out.write(timer.time);
    written++;
  }
  return written;
}
