import type { StateTtl, ValueState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import { deepFreeze } from '../values/plain-value.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import { KeyIndex } from './key-index.ts';
import type { DeclaredTable, GroupCounts, StoredRun, TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import { RunReader } from './run-reader.ts';
import { TimeToLive } from './time-to-live.ts';

/** An absent value is undefined; such an entry stays in its place until its fate is known. */
class Entry {
  readonly key: Key;
  readonly keyGroup: number;
  value: unknown = undefined;
  /** When it was last touched, in a state with a time to live. */
  time: number | undefined = undefined;
  /** What key and value took when they were last encoded. */
  bytes = 0;
  /** Of the attempt that changed it last, and what it was before. */
  mark = 0;
  previous: unknown = undefined;
  previousTime: number | undefined = undefined;
  previousBytes = 0;

  constructor(key: Key, keyGroup: number) {
    this.key = key;
    this.keyGroup = keyGroup;
  }
}

/**
 * One value per key: the hot path. `value` and `update` cost one look-up for each new current key, and allocate nothing
 * but the entry of a key never seen before.
 */
export class ValueTable implements DeclaredTable, ValueState<unknown> {
  readonly kind = 'value';
  readonly name: string;
  timed = false;
  entries = 0;
  bytes = 0;
  readonly #in: TableContext;
  readonly #index: KeyIndex<Entry>;
  #isDeclared = false;
  #ttl: TimeToLive | undefined = undefined;
  #changed: Entry[] = [];
  #gathered = new Map<number, Entry[]>();

  constructor(name: string, context: TableContext) {
    this.name = name;
    this.#in = context;
    this.#index = new KeyIndex(context, (key, keyGroup) => new Entry(key, keyGroup));
  }

  declare(ttl: StateTtl | undefined): void {
    this.#isDeclared = true;
    this.timed = ttl !== undefined;
    this.#ttl = ttl && new TimeToLive(ttl, this.#in.attempt);
  }

  value(): unknown {
    const entry = this.#index.current();
    if (entry === undefined || this.#ttl === undefined) return entry?.value;
    return this.#look(entry, this.#ttl);
  }

  update(value: unknown): void {
    if (value === undefined) {
      this.clear();
      return;
    }
    if (this.#in.freeze) deepFreeze(value);
    const entry = this.#index.current() ?? this.#index.addCurrent();
    if (entry.mark !== this.#in.attempt.mark) this.#touch(entry);
    if (entry.value === undefined) this.entries++;
    entry.value = value;
    if (this.timed) entry.time = this.#in.attempt.stamp;
  }

  clear(): void {
    const entry = this.#index.current();
    if (entry !== undefined) this.#clear(entry);
  }

  entriesIn(keyGroup: number): number {
    return this.#index.sizeOf(keyGroup);
  }

  gather(): ReadonlyMap<number, number> {
    this.#gathered = new Map();
    const counts = new Map<number, number>();
    for (const entry of this.#changed) {
      if (entry.value === undefined) this.#resize(entry, 0);
      // An object may have been changed in place, against the rules; what is equal and no object has not changed.
      if (typeof entry.value !== 'object' && Object.is(entry.value, entry.previous) && entry.time === entry.previousTime) continue;
      if (entry.value === undefined && entry.previous === undefined) continue;
      const others = this.#gathered.get(entry.keyGroup);
      if (others === undefined) this.#gathered.set(entry.keyGroup, [entry]);
      else others.push(entry);
      counts.set(entry.keyGroup, (counts.get(entry.keyGroup) ?? 0) + 1);
    }
    return counts;
  }

  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts {
    const gathered = this.#gathered.get(keyGroup) ?? [];
    let puts = 0;
    let deletes = 0;
    for (const entry of whole ? this.#index.of(keyGroup) : gathered) {
      if (whole && this.#ttl?.hasExpired(entry.time)) this.#drop(entry);
      if (entry.value === undefined) continue;
      this.#writeEntry(entry, out);
      puts++;
    }
    if (whole) return { puts, deletes };
    for (const entry of gathered) {
      if (entry.value !== undefined) continue;
      out.write(entry.key);
      deletes++;
    }
    return { puts, deletes };
  }

  promote(): void {
    for (const entry of this.#changed) {
      if (entry.value === undefined) this.#remove(entry);
      entry.previous = undefined;
    }
    this.#forgetChanges();
  }

  undo(): void {
    for (const entry of this.#changed) {
      if (entry.value === undefined && entry.previous !== undefined) this.entries++;
      if (entry.value !== undefined && entry.previous === undefined) this.entries--;
      entry.value = entry.previous;
      entry.time = entry.previousTime;
      entry.previous = undefined;
      this.#resize(entry, entry.previousBytes);
      if (entry.value === undefined) this.#remove(entry);
    }
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    this.entries -= this.#index.sizeOf(keyGroup);
    for (const entry of this.#index.of(keyGroup)) this.bytes -= entry.bytes;
    this.#index.empty(keyGroup);
  }

  read(run: StoredRun): void {
    if (!this.#isDeclared) this.timed = run.timed;
    const reader = new RunReader(`state "${this.name}"`, run);
    for (let puts = 0; puts < run.counts.puts; puts++) {
      const start = reader.offset;
      const key = reader.next() as Key;
      const value = reader.next();
      const entry = this.#index.findOrAdd(key, run.keyGroup);
      if (entry.value === undefined) this.entries++;
      entry.value = this.#in.freeze ? deepFreeze(value) : value;
      entry.time = run.timed ? reader.time() : undefined;
      this.#resize(entry, reader.offset - start);
    }
    let deletes = 0;
    for (; !reader.done; deletes++) this.#loadDelete(reader.next() as Key, run.keyGroup);
    reader.expect('deletes', deletes, run.counts.deletes);
  }

  #look(entry: Entry, ttl: TimeToLive): unknown {
    const { value } = entry;
    if (value === undefined) return undefined;
    const { attempt } = this.#in;
    if (ttl.hasExpired(entry.time)) {
      // Between attempts a look leaves everything in its place.
      if (attempt.isWorking) this.#clear(entry);
      return ttl.returnsExpired ? value : undefined;
    }
    if (ttl.updatesOnRead && entry.time !== attempt.stamp && attempt.isWorking) {
      this.#touch(entry);
      entry.time = attempt.stamp;
    }
    return value;
  }

  #clear(entry: Entry): void {
    if (entry.value === undefined) return;
    this.#touch(entry);
    this.entries--;
    entry.value = undefined;
  }

  #drop(entry: Entry): void {
    this.#clear(entry);
    this.#resize(entry, 0);
  }

  #remove(entry: Entry): void {
    this.#index.remove(entry);
  }

  #touch(entry: Entry): void {
    if (entry.mark === this.#in.attempt.mark) return;
    this.#in.attempt.assertWorking();
    entry.mark = this.#in.attempt.mark;
    entry.previous = entry.value;
    entry.previousTime = entry.time;
    entry.previousBytes = entry.bytes;
    this.#changed.push(entry);
  }

  #forgetChanges(): void {
    this.#changed = [];
    this.#gathered = new Map();
  }

  #resize(entry: Entry, bytes: number): void {
    this.bytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  #writeEntry(entry: Entry, out: ValueWriter): void {
    const start = out.offset;
    out.write(entry.key);
    try {
      out.write(entry.value);
    } catch (cause) {
      throw encodingError(`state "${this.name}" for key ${describeKey(entry.key)}`, this.#in.operator, entry.value, cause);
    }
    if (this.timed) out.write(this.#timeOf(entry));
    this.#resize(entry, out.offset - start);
    if (entry.mark !== this.#in.attempt.mark) return;
    entry.value = ownValue(entry.value);
    if (this.#in.freeze) deepFreeze(entry.value);
  }

  #timeOf(entry: Entry): number {
    if (entry.time === undefined) {
      this.#touch(entry);
      entry.time = this.#in.attempt.stamp;
    }
    return entry.time;
  }

  #loadDelete(key: Key, keyGroup: number): void {
    const entry = this.#index.find(key, keyGroup);
    if (entry === undefined) return;
    this.#resize(entry, 0);
    this.#remove(entry);
    this.entries--;
  }
}
