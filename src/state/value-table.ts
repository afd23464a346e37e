import type { StateTtl, ValueState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import { KeySlots, noSlot } from './key-slots.ts';
import type { DeclaredTable, GroupCounts, StoredRun, TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import { RunReader } from './run-reader.ts';
import { SlotValues } from './slot-values.ts';
import { TimeToLive } from './time-to-live.ts';

/** What a key's slot held before the attempt at hand changed it for the first time. */
interface Before {
  readonly values: SlotValues;
  readonly times: (number | undefined)[];
  readonly bytes: number[];
}

const slotsInitial = 64;

/**
 * One value per key: the hot path. `value` and `update` cost one look-up for each new current key. Everything about a key
 * stands in arrays, at its slot. A slot without a value stays in its place until the key's fate is known.
 */
export class ValueTable implements DeclaredTable, ValueState<unknown> {
  readonly kind = 'value';
  readonly name: string;
  timed = false;
  readonly namespaced: boolean;
  entries = 0;
  bytes = 0;
  readonly #in: TableContext;
  readonly #slots: KeySlots;
  readonly #values = new SlotValues();
  /** Of the attempt that changed it last. */
  #marks = new Int32Array(slotsInitial);
  /** What key and value took when they were last encoded. */
  readonly #bytes: number[] = [];
  /** When it was last touched, in a state with a time to live; else empty. */
  readonly #times: (number | undefined)[] = [];
  #isDeclared = false;
  #ttl: TimeToLive | undefined = undefined;
  /** The slots changed in the attempt at hand, each once. */
  #changed: number[] = [];
  #before: Before = { values: new SlotValues(), times: [], bytes: [] };
  #gathered = new Map<number, number[]>();

  constructor(name: string, context: TableContext) {
    this.name = name;
    this.namespaced = context.namespaced;
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
    if (this.#ttl !== undefined) return this.#look(slot, this.#ttl);
    return this.#in.freeze.of(this.#values.get(slot));
  }

  update(value: unknown): void {
    if (value === undefined) {
      this.clear();
      return;
    }
    this.#in.freeze.of(value);
    let slot = this.#slots.current();
    if (slot === noSlot) slot = this.#open(this.#slots.addCurrent());
    if (this.#marks[slot] !== this.#in.attempt.mark) this.#touch(slot);
    if (!this.#values.has(slot)) this.entries++;
    this.#values.set(slot, value);
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
      const isThere = this.#values.has(slot);
      if (!isThere) this.#resize(slot, 0);
      if (isThere ? this.#isUnchanged(slot, i) : !this.#before.values.has(i)) continue;
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
      if (!this.#values.has(slot)) continue;
      this.#writeEntry(slot, out);
      puts++;
    }
    if (whole) return { puts, deletes };
    for (const slot of gathered) {
      if (this.#values.has(slot)) continue;
      out.write(this.#slots.keyOf(slot));
      deletes++;
    }
    return { puts, deletes };
  }

  promote(): void {
    for (const slot of this.#changed) if (!this.#values.has(slot)) this.#remove(slot);
    this.#forgetChanges();
  }

  undo(): void {
    for (const [i, slot] of this.#changed.entries()) {
      const wasThere = this.#before.values.has(i);
      if (this.#values.has(slot) !== wasThere) this.entries += wasThere ? 1 : -1;
      this.#values.copy(slot, this.#before.values, i);
      if (this.timed) this.#times[slot] = this.#before.times[i];
      this.#resize(slot, this.#before.bytes[i]!);
      if (!wasThere) this.#remove(slot);
    }
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    this.entries -= this.#slots.sizeOf(keyGroup);
    for (const slot of this.#slots.of(keyGroup)) {
      this.#values.set(slot, undefined);
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
      const value = reader.value();
      const found = this.#slots.find(key, run.keyGroup);
      const slot = found === noSlot ? this.#open(this.#slots.findOrAdd(key, run.keyGroup)) : found;
      if (!this.#values.has(slot)) this.entries++;
      this.#values.set(slot, this.#in.freeze.of(value));
      if (run.timed || slot < this.#times.length) this.#times[slot] = run.timed ? reader.time() : undefined;
      this.#resize(slot, reader.offset - start);
    }
    let deletes = 0;
    for (; !reader.done; deletes++) this.#loadDelete(reader.next() as Key, run.keyGroup);
    reader.expect('deletes', deletes, run.counts.deletes);
  }

  /** A slot that was just given out: whatever it held for another key is gone. */
  #open(slot: number): number {
    this.#values.set(slot, undefined);
    if (slot >= this.#marks.length) this.#growMarks();
    this.#marks[slot] = 0;
    this.#bytes[slot] = 0;
    if (this.timed) this.#times[slot] = undefined;
    return slot;
  }

  #look(slot: number, ttl: TimeToLive): unknown {
    const value = this.#values.get(slot);
    if (value === undefined) return undefined;
    this.#in.freeze.of(value);
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
    if (!this.#values.has(slot)) return;
    this.#touch(slot);
    this.entries--;
    this.#values.set(slot, undefined);
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
    this.#before.values.copy(this.#changed.length, this.#values, slot);
    this.#changed.push(slot);
    this.#before.bytes.push(this.#bytes[slot]!);
    if (this.timed) this.#before.times.push(this.#times[slot]);
  }

  /** Of a value that is there. An object may have been changed in place, against the rules: it counts as changed. */
  #isUnchanged(slot: number, change: number): boolean {
    if (!this.#values.asGiven || this.#times[slot] !== this.#before.times[change]) return false;
    const value = this.#values.get(slot);
    return typeof value !== 'object' && Object.is(value, this.#before.values.get(change));
  }

  #growMarks(): void {
    const larger = new Int32Array(this.#marks.length * 2);
    larger.set(this.#marks);
    this.#marks = larger;
  }

  #forgetChanges(): void {
    this.#changed = [];
    // Objects that are of no use any more are let go; rows are used again.
    const { values } = this.#before;
    this.#before = { values: values.asGiven ? new SlotValues() : values, times: [], bytes: [] };
    this.#gathered = new Map();
  }

  #resize(slot: number, bytes: number): void {
    this.bytes += bytes - this.#bytes[slot]!;
    this.#bytes[slot] = bytes;
  }

  #writeEntry(slot: number, out: ValueWriter): void {
    const start = out.offset;
    const key = this.#slots.keyOf(slot);
    out.write(key);
    try {
      this.#values.write(slot, out);
    } catch (cause) {
      throw encodingError(`state "${this.name}" for key ${describeKey(key)}`, this.#in.operator, this.#values.get(slot), cause);
    }
    if (this.timed) out.write(this.#timeOf(slot));
    this.#resize(slot, out.offset - start);
    if (this.#marks[slot] === this.#in.attempt.mark && this.#values.asGiven) this.#own(slot);
  }

  /** What was given may share a text with a whole batch. */
  #own(slot: number): void {
    const value = ownValue(this.#values.get(slot));
    this.#values.set(slot, this.#in.freeze.of(value));
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
    this.#values.set(slot, undefined);
    this.#remove(slot);
    this.entries--;
  }
}
