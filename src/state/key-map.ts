import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { Collection } from './collection.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import type { GroupCounts } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import type { RunReader } from './run-reader.ts';

/** An entry of a map; one that was deleted has no value. */
class MapEntry {
  readonly key: Key;
  readonly canonical: CanonicalKey;
  /** Ascends in the order of iteration. */
  readonly order: number;
  value: unknown = undefined;
  time: number | undefined = undefined;
  bytes = 0;
  /** What it was before the attempt of this mark. */
  mark = 0;
  previous: unknown = undefined;
  previousTime: number | undefined = undefined;
  previousBytes = 0;

  constructor(key: Key, canonical: CanonicalKey, order: number) {
    this.key = key;
    this.canonical = canonical;
    this.order = order;
  }

  get isNew(): boolean {
    return this.previous === undefined;
  }
}

type Entries = Map<CanonicalKey, MapEntry>;

/**
 * One key's map.
 *
 * 1. `#entries` is in the order of iteration. An entry that is deleted stays in its place, without its value, until the
 *    attempt's fate is known, so that an undo finds the place.
 * 2. One that is put again comes to the end, as a new entry; an undo then brings the old one back, and the order is put
 *    right before the next iteration.
 * 3. A clear puts the whole map aside, however large it is.
 * 4. A delta says: clear or not, what is deleted, what is put; in the order of the changes, so that it gives the same
 *    order of iteration when it is applied.
 */
export class KeyMap extends Collection {
  #entries: Entries = new Map();
  #nextOrder = 0;
  #isOrdered = true;
  #changed: MapEntry[] = [];
  /** The parent's, once the attempt has cleared it. */
  #aside: Entries | undefined = undefined;

  get(key: Key): unknown {
    const entry = this.#entries.get(canonicalKey(key));
    return entry && this.#look(entry);
  }

  put(key: Key, value: unknown): void {
    const { context, timed, ttl } = this.scope;
    const canonical = canonicalKey(key);
    let entry = this.#entries.get(canonical);
    // Its place must not depend on whether somebody has dropped it already.
    if (entry !== undefined && ttl?.hasExpired(entry.time)) this.#delete(entry);
    if (entry === undefined || entry.value === undefined) {
      this.touch();
      // What has no value is to leave its place.
      if (entry !== undefined) this.#entries.delete(canonical);
      entry = this.#add(key, canonical);
      this.resize(this.size + 1, this.bytes);
    }
    this.#touchEntry(entry);
    entry.value = context.freeze.of(value);
    entry.time = timed ? context.attempt.stamp : undefined;
  }

  delete(key: Key): void {
    const entry = this.#entries.get(canonicalKey(key));
    if (entry !== undefined) this.#delete(entry);
  }

  clear(): void {
    if (this.size === 0) return;
    this.touch();
    this.#putInOrder();
    this.#aside ??= this.#entries;
    this.#entries = new Map();
    this.#isOrdered = true;
    this.resize(0, 0);
  }

  /** In order; follows changes on the way. */
  *entries(): Generator<[Key, unknown], undefined> {
    this.#putInOrder();
    const entries = this.#entries;
    for (const entry of entries.values()) {
      if (this.#entries !== entries) return undefined;
      const value = this.#look(entry);
      if (value !== undefined) yield [entry.key, value];
    }
    return undefined;
  }

  /** How many entries can be seen. */
  get visible(): number {
    const { ttl } = this.scope;
    if (ttl === undefined || ttl.returnsExpired) return this.size;
    let visible = 0;
    for (const { value, time } of this.#entries.values()) if (value !== undefined && !ttl.hasExpired(time)) visible++;
    return visible;
  }

  dropExpired(): void {
    const { ttl } = this.scope;
    if (ttl === undefined) return;
    for (const entry of this.#entries.values()) if (ttl.hasExpired(entry.time)) this.#delete(entry);
  }

  changes(): number {
    return (this.#isCleared ? 1 : 0) + this.#deleted().length + this.#put().length;
  }

  writeChanges(out: ValueWriter): GroupCounts {
    const isCleared = this.#isCleared;
    const deleted = this.#deleted();
    const put = this.#put();
    out.write(isCleared);
    out.write(deleted.length);
    out.write(put.length);
    for (const entry of deleted) out.write(entry.key);
    this.#writeEntries(put, out);
    return { puts: put.length, deletes: deleted.length + (isCleared ? 1 : 0) };
  }

  writeWhole(out: ValueWriter): GroupCounts {
    this.#putInOrder();
    out.write(false);
    out.write(0);
    out.write(this.size);
    this.#writeEntries(this.#entries.values(), out);
    return { puts: this.size, deletes: 0 };
  }

  read(reader: RunReader, timed: boolean): GroupCounts {
    const isCleared = reader.flag();
    const deletes = reader.count();
    const puts = reader.count();
    this.#putInOrder();
    if (isCleared) {
      this.#entries.clear();
      this.resize(0, 0);
    }
    for (let i = 0; i < deletes; i++) this.#readDelete(reader.next() as Key);
    for (let i = 0; i < puts; i++) this.#readPut(reader, timed);
    return { puts, deletes: deletes + (isCleared ? 1 : 0) };
  }

  protected remember(): void {
    this.#changed = [];
  }

  protected forget(): void {
    for (const entry of this.#changed) {
      if (entry.value === undefined && this.#entries.get(entry.canonical) === entry) this.#entries.delete(entry.canonical);
      entry.previous = undefined;
    }
    this.#changed = [];
    this.#aside = undefined;
  }

  protected recall(): void {
    if (this.#aside !== undefined) {
      this.#entries = this.#aside;
      this.#isOrdered = true;
    }
    // Backwards, so that of the entries with one key the parent's comes last.
    for (const entry of this.#changed.reverse()) {
      const isHere = this.#entries.get(entry.canonical) === entry;
      if (entry.isNew) {
        if (isHere) this.#entries.delete(entry.canonical);
      } else if (!isHere) {
        this.#entries.set(entry.canonical, entry);
        this.#isOrdered = false;
      }
      entry.value = entry.previous;
      entry.time = entry.previousTime;
      entry.bytes = entry.previousBytes;
    }
  }

  get #isCleared(): boolean {
    return this.#aside !== undefined && this.previousSize > 0;
  }

  #deleted(): readonly MapEntry[] {
    return this.#isCleared ? [] : this.#changed.filter((entry) => !entry.isNew && entry.value === undefined);
  }

  #put(): readonly MapEntry[] {
    if (this.#aside !== undefined) return [...this.#entries.values()].filter(({ value }) => value !== undefined);
    return this.#changed.filter(({ value, previous, time, previousTime }) => {
      // An object may have been changed in place, against the rules; what is equal and no object has not changed.
      return value !== undefined && (typeof value === 'object' || !Object.is(value, previous) || time !== previousTime);
    });
  }

  #add(key: Key, canonical: CanonicalKey): MapEntry {
    const own = this.scope.context.freeze.of(ownValue(key));
    const identity = typeof key === 'string' && key === canonical ? (own as string) : canonical;
    const entry = new MapEntry(own, identity, this.#nextOrder++);
    this.#entries.set(identity, entry);
    return entry;
  }

  /** Its value, as a reader sees it. */
  #look(entry: MapEntry): unknown {
    const { ttl, context } = this.scope;
    const { value } = entry;
    if (ttl === undefined || value === undefined) return value;
    const { isWorking } = context.attempt;
    if (ttl.hasExpired(entry.time)) {
      // Between attempts a look leaves everything in its place.
      if (isWorking) this.#delete(entry);
      return ttl.returnsExpired ? value : undefined;
    }
    if (ttl.updatesOnRead && isWorking) this.#touchNow(entry);
    return value;
  }

  #touchNow(entry: MapEntry): void {
    const { stamp } = this.scope.context.attempt;
    if (entry.time === stamp) return;
    this.#touchEntry(entry);
    entry.time = stamp;
  }

  #delete(entry: MapEntry): void {
    if (entry.value === undefined) return;
    this.#touchEntry(entry);
    this.resize(this.size - 1, this.bytes - entry.bytes);
    entry.bytes = 0;
    entry.value = undefined;
  }

  #touchEntry(entry: MapEntry): void {
    const { mark } = this.scope.context.attempt;
    if (entry.mark === mark) return;
    this.touch();
    entry.mark = mark;
    entry.previous = entry.value;
    entry.previousTime = entry.time;
    entry.previousBytes = entry.bytes;
    this.#changed.push(entry);
  }

  #putInOrder(): void {
    if (this.#isOrdered) return;
    this.#entries = new Map([...this.#entries].sort(([, a], [, b]) => a.order - b.order));
    this.#isOrdered = true;
  }

  #writeEntries(entries: Iterable<MapEntry>, out: ValueWriter): void {
    const { timed, name, context } = this.scope;
    let { bytes } = this;
    for (const entry of entries) {
      if (entry.value === undefined) continue;
      const start = out.offset;
      out.write(entry.key);
      try {
        out.write(entry.value);
      } catch (cause) {
        const where = `entry ${describeKey(entry.key)} of state "${name}" for key ${describeKey(this.key)}`;
        throw encodingError(where, context.operator, entry.value, cause);
      }
      if (timed && entry.time === undefined) this.#touchNow(entry);
      if (timed) out.write(entry.time);
      bytes += out.offset - start - entry.bytes;
      entry.bytes = out.offset - start;
      if (entry.mark !== context.attempt.mark) continue;
      entry.value = ownValue(entry.value);
      context.freeze.of(entry.value);
    }
    this.resize(this.size, bytes);
  }

  #readDelete(key: Key): void {
    const canonical = canonicalKey(key);
    const entry = this.#entries.get(canonical);
    if (entry === undefined) return;
    this.resize(this.size - 1, this.bytes - entry.bytes);
    this.#entries.delete(canonical);
  }

  #readPut(reader: RunReader, timed: boolean): void {
    const start = reader.offset;
    const key = reader.next() as Key;
    const value = reader.value();
    const canonical = canonicalKey(key);
    const before = this.#entries.get(canonical);
    const entry = before ?? this.#add(key, canonical);
    entry.value = this.scope.context.freeze.of(value);
    entry.time = timed ? reader.time() : undefined;
    const bytes = reader.offset - start;
    this.resize(this.size + (before === undefined ? 1 : 0), this.bytes + bytes - entry.bytes);
    entry.bytes = bytes;
  }
}
