import type { StateTtl, ValueState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import { deepFreeze } from '../values/plain-value.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import { KeySlots, noSlot } from './key-slots.ts';
import type { DeclaredTable, GroupCounts, StoredRun, TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import { RunReader } from './run-reader.ts';
import { TimeToLive } from './time-to-live.ts';

/** What a key's slot held before the attempt at hand changed it for the first time. */
interface Before {
  readonly values: unknown[];
  readonly times: (number | undefined)[];
  readonly bytes: number[];
}

/**
 * One value per key: the hot path. `value` and `update` cost one look-up for each new current key, and allocate nothing.
 * Everything about a key stands in arrays, at its slot. An absent value is undefined; such a slot stays in its place
 * until the key's fate is known.
 */
export class ValueTable implements DeclaredTable, ValueState<unknown> {
  readonly kind = 'value';
  readonly name: string;
  timed = false;
  entries = 0;
  bytes = 0;
  readonly #in: TableContext;
  readonly #slots: KeySlots;
  readonly #values: unknown[] = [];
  /** Of the attempt that changed it last. */
  readonly #marks: number[] = [];
  /** What key and value took when they were last encoded. */
  readonly #bytes: number[] = [];
  /** When it was last touched, in a state with a time to live; else empty. */
  readonly #times: (number | undefined)[] = [];
  #isDeclared = false;
  #ttl: TimeToLive | undefined = undefined;
  /** The slots changed in the attempt at hand, each once. */
  #changed: number[] = [];
  #before: Before = { values: [], times: [], bytes: [] };
  #gathered = new Map<number, number[]>();

  constructor(name: string, context: TableContext) {
    this.name = name;
    this.#in = context;
    this.#slots = new KeySlots(context);
  }

  declare(ttl: StateTtl | undefined): void {
    this.#isDeclared = true;
    this.timed = ttl !== undefined;
    this.#ttl = ttl && new TimeToLive(ttl, this.#in.attempt);
  }

  value(): unknown {
    const slot = this.#slots.current();
    if (slot === noSlot) return undefined;
    return this.#ttl === undefined ? this.#values[slot] : this.#look(slot, this.#ttl);
  }

  update(value: unknown): void {
    if (value === undefined) {
      this.clear();
      return;
    }
    if (this.#in.freeze) deepFreeze(value);
    let slot = this.#slots.current();
    if (slot === noSlot) slot = this.#open(this.#slots.addCurrent());
    if (this.#marks[slot] !== this.#in.attempt.mark) this.#touch(slot);
    if (this.#values[slot] === undefined) this.entries++;
    this.#values[slot] = value;
    if (this.timed) this.#times[slot] = this.#in.attempt.stamp;
  }

  clear(): void {
    const slot = this.#slots.current();
    if (slot !== noSlot) this.#clear(slot);
  }

  entriesIn(keyGroup: number): number {
    return this.#slots.sizeOf(keyGroup);
  }

  gather(): ReadonlyMap<number, number> {
    const byGroup = new Array<number[] | undefined>(this.#in.keyGroups).fill(undefined);
    for (let i = 0; i < this.#changed.length; i++) {
      const slot = this.#changed[i]!;
      const value = this.#values[slot];
      const before = this.#before.values[i];
      if (value === undefined) this.#resize(slot, 0);
      // An object may have been changed in place, against the rules; what is equal and no object has not changed.
      if (typeof value !== 'object' && Object.is(value, before) && this.#times[slot] === this.#before.times[i]) continue;
      if (value === undefined && before === undefined) continue;
      const index = this.#slots.keyGroupOf(slot) - this.#in.firstKeyGroup;
      const others = byGroup[index];
      if (others === undefined) byGroup[index] = [slot];
      else others.push(slot);
    }
    this.#gathered = new Map();
    const counts = new Map<number, number>();
    byGroup.forEach((slots, index) => {
      if (slots === undefined) return;
      this.#gathered.set(this.#in.firstKeyGroup + index, slots);
      counts.set(this.#in.firstKeyGroup + index, slots.length);
    });
    return counts;
  }

  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts {
    const gathered = this.#gathered.get(keyGroup) ?? [];
    let puts = 0;
    let deletes = 0;
    for (const slot of whole ? this.#slots.of(keyGroup) : gathered) {
      if (whole && this.#ttl?.hasExpired(this.#times[slot])) this.#drop(slot);
      if (this.#values[slot] === undefined) continue;
      this.#writeEntry(slot, out);
      puts++;
    }
    if (whole) return { puts, deletes };
    for (const slot of gathered) {
      if (this.#values[slot] !== undefined) continue;
      out.write(this.#slots.keyOf(slot));
      deletes++;
    }
    return { puts, deletes };
  }

  promote(): void {
    for (const slot of this.#changed) if (this.#values[slot] === undefined) this.#remove(slot);
    this.#forgetChanges();
  }

  undo(): void {
    for (const [i, slot] of this.#changed.entries()) {
      const before = this.#before.values[i];
      if (this.#values[slot] === undefined && before !== undefined) this.entries++;
      if (this.#values[slot] !== undefined && before === undefined) this.entries--;
      this.#values[slot] = before;
      if (this.timed) this.#times[slot] = this.#before.times[i];
      this.#resize(slot, this.#before.bytes[i]!);
      if (before === undefined) this.#remove(slot);
    }
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    this.entries -= this.#slots.sizeOf(keyGroup);
    for (const slot of this.#slots.of(keyGroup)) {
      this.#values[slot] = undefined;
      this.#resize(slot, 0);
    }
    this.#slots.empty(keyGroup);
  }

  read(run: StoredRun): void {
    if (!this.#isDeclared) this.timed = run.timed;
    const reader = new RunReader(`state "${this.name}"`, run);
    for (let puts = 0; puts < run.counts.puts; puts++) {
      const start = reader.offset;
      const key = reader.next() as Key;
      const value = reader.next();
      const found = this.#slots.find(key, run.keyGroup);
      const slot = found === noSlot ? this.#open(this.#slots.findOrAdd(key, run.keyGroup)) : found;
      if (this.#values[slot] === undefined) this.entries++;
      this.#values[slot] = this.#in.freeze ? deepFreeze(value) : value;
      if (run.timed || slot < this.#times.length) this.#times[slot] = run.timed ? reader.time() : undefined;
      this.#resize(slot, reader.offset - start);
    }
    let deletes = 0;
    for (; !reader.done; deletes++) this.#loadDelete(reader.next() as Key, run.keyGroup);
    reader.expect('deletes', deletes, run.counts.deletes);
  }

  /** A slot that was just given out: whatever it held for another key is gone. */
  #open(slot: number): number {
    this.#values[slot] = undefined;
    this.#marks[slot] = 0;
    this.#bytes[slot] = 0;
    if (this.timed) this.#times[slot] = undefined;
    return slot;
  }

  #look(slot: number, ttl: TimeToLive): unknown {
    const value = this.#values[slot];
    if (value === undefined) return undefined;
    const { attempt } = this.#in;
    if (ttl.hasExpired(this.#times[slot])) {
      // Between attempts a look leaves everything in its place.
      if (attempt.isWorking) this.#clear(slot);
      return ttl.returnsExpired ? value : undefined;
    }
    if (ttl.updatesOnRead && this.#times[slot] !== attempt.stamp && attempt.isWorking) {
      this.#touch(slot);
      this.#times[slot] = attempt.stamp;
    }
    return value;
  }

  #clear(slot: number): void {
    if (this.#values[slot] === undefined) return;
    this.#touch(slot);
    this.entries--;
    this.#values[slot] = undefined;
  }

  #drop(slot: number): void {
    this.#clear(slot);
    this.#resize(slot, 0);
  }

  #remove(slot: number): void {
    this.#slots.remove(slot);
  }

  #touch(slot: number): void {
    const { attempt } = this.#in;
    if (this.#marks[slot] === attempt.mark) return;
    attempt.assertWorking();
    this.#marks[slot] = attempt.mark;
    this.#changed.push(slot);
    this.#before.values.push(this.#values[slot]);
    this.#before.bytes.push(this.#bytes[slot]!);
    if (this.timed) this.#before.times.push(this.#times[slot]);
  }

  #forgetChanges(): void {
    this.#changed = [];
    this.#before = { values: [], times: [], bytes: [] };
    this.#gathered = new Map();
  }

  #resize(slot: number, bytes: number): void {
    this.bytes += bytes - this.#bytes[slot]!;
    this.#bytes[slot] = bytes;
  }

  #writeEntry(slot: number, out: ValueWriter): void {
    const start = out.offset;
    const key = this.#slots.keyOf(slot);
    const value = this.#values[slot];
    out.write(key);
    try {
      out.write(value);
    } catch (cause) {
      throw encodingError(`state "${this.name}" for key ${describeKey(key)}`, this.#in.operator, value, cause);
    }
    if (this.timed) out.write(this.#timeOf(slot));
    this.#resize(slot, out.offset - start);
    if (this.#marks[slot] !== this.#in.attempt.mark) return;
    this.#values[slot] = ownValue(value);
    if (this.#in.freeze) deepFreeze(this.#values[slot]);
  }

  #timeOf(slot: number): number {
    if (this.#times[slot] === undefined) {
      this.#touch(slot);
      this.#times[slot] = this.#in.attempt.stamp;
    }
    return this.#times[slot]!;
  }

  #loadDelete(key: Key, keyGroup: number): void {
    const slot = this.#slots.find(key, keyGroup);
    if (slot === noSlot) return;
    this.#resize(slot, 0);
    this.#values[slot] = undefined;
    this.#remove(slot);
    this.entries--;
  }
}
