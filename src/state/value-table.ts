import { assert } from '../base/assert.ts';
import type { ValueState } from '../stream/state.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import { deepFreeze } from '../values/plain-value.ts';
import { readValues } from '../values/value-reader.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { corrupt } from './corrupt.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import type { GroupCounts, KeyedTable, TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';

/** An absent value is undefined; such an entry stays in its place until its fate is known. */
class Entry {
  readonly key: Key;
  readonly keyGroup: number;
  value: unknown = undefined;
  /** What key and value took when they were last encoded. */
  bytes = 0;
  /** Of the attempt that changed it last, and what it was before. */
  mark = 0;
  previous: unknown = undefined;
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
export class ValueTable implements KeyedTable, ValueState<unknown> {
  readonly kind = 'value';
  readonly name: string;
  entries = 0;
  bytes = 0;
  readonly #in: TableContext;
  readonly #groups: (Map<CanonicalKey, Entry> | undefined)[];
  #changed: Entry[] = [];
  #gathered = new Map<number, Entry[]>();
  /** The current key's entry, as looked up at this version of the cursor. */
  #current: Entry | undefined = undefined;
  #currentVersion = -1;

  constructor(name: string, context: TableContext) {
    this.name = name;
    this.#in = context;
    this.#groups = new Array<undefined>(context.keyGroups).fill(undefined);
  }

  value(): unknown {
    return this.#find()?.value;
  }

  update(value: unknown): void {
    if (value === undefined) {
      this.clear();
      return;
    }
    if (this.#in.freeze) deepFreeze(value);
    const entry = this.#find() ?? this.#add();
    if (entry.mark !== this.#in.attempt.mark) this.#touch(entry);
    if (entry.value === undefined) this.entries++;
    entry.value = value;
  }

  clear(): void {
    const entry = this.#find();
    if (entry === undefined || entry.value === undefined) return;
    if (entry.mark !== this.#in.attempt.mark) this.#touch(entry);
    this.entries--;
    entry.value = undefined;
  }

  entriesIn(keyGroup: number): number {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.size ?? 0;
  }

  gather(): ReadonlyMap<number, number> {
    this.#gathered = new Map();
    const counts = new Map<number, number>();
    for (const entry of this.#changed) {
      if (entry.value === undefined) this.#resize(entry, 0);
      // An object may have been changed in place, against the rules; what is equal and no object has not changed.
      if (typeof entry.value !== 'object' && Object.is(entry.value, entry.previous)) continue;
      const others = this.#gathered.get(entry.keyGroup);
      if (others === undefined) this.#gathered.set(entry.keyGroup, [entry]);
      else others.push(entry);
      counts.set(entry.keyGroup, (counts.get(entry.keyGroup) ?? 0) + 1);
    }
    return counts;
  }

  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts {
    const gathered = this.#gathered.get(keyGroup) ?? [];
    const group = this.#groups[keyGroup - this.#in.firstKeyGroup];
    let puts = 0;
    let deletes = 0;
    for (const entry of whole ? (group?.values() ?? []) : gathered) {
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
      entry.previous = undefined;
      this.#resize(entry, entry.previousBytes);
      if (entry.value === undefined) this.#remove(entry);
    }
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    const group = this.#groups[keyGroup - this.#in.firstKeyGroup];
    if (group === undefined) return;
    this.entries -= group.size;
    for (const entry of group.values()) this.bytes -= entry.bytes;
    this.#groups[keyGroup - this.#in.firstKeyGroup] = undefined;
  }

  read(keyGroup: number, counts: GroupCounts, bytes: Uint8Array, start: number, end: number): void {
    const putValues = counts.puts * 2;
    let position = 0;
    let key: Key = '';
    let keyStart = 0;
    readValues(
      bytes,
      (value, from, to) => {
        if (position >= putValues) this.#loadDelete(value as Key, keyGroup);
        else if (position % 2 === 1) this.#loadPut(key, keyGroup, value, to - keyStart);
        else {
          key = value as Key;
          keyStart = from;
        }
        position++;
      },
      start,
      end,
    );
    if (position !== putValues + counts.deletes) throw corrupt(`key group ${keyGroup} of state "${this.name}" has ${position} values`);
  }

  #find(): Entry | undefined {
    const cursor = this.#in.cursor;
    if (this.#currentVersion !== cursor.version) {
      this.#current = this.#groups[cursor.keyGroup - this.#in.firstKeyGroup]?.get(cursor.canonical);
      this.#currentVersion = cursor.version;
    }
    return this.#current;
  }

  #add(): Entry {
    this.#in.attempt.assertWorking();
    const { key, keyGroup, canonical } = this.#in.cursor;
    const entry = this.#insert(key, keyGroup, canonical);
    this.#current = entry;
    return entry;
  }

  #insert(key: Key, keyGroup: number, canonical: CanonicalKey): Entry {
    const index = keyGroup - this.#in.firstKeyGroup;
    assert(index >= 0 && index < this.#in.keyGroups, `key group ${keyGroup} belongs to this subtask`);
    assert(keyGroup === keyGroupOf(key, this.#in.maxParallelism), `key group ${keyGroup} is the key's`);
    const entry = new Entry(ownValue(key), keyGroup);
    const identity = typeof key === 'string' && key === canonical ? (entry.key as string) : canonical;
    let group = this.#groups[index];
    if (group === undefined) {
      group = new Map();
      this.#groups[index] = group;
    }
    group.set(identity, entry);
    return entry;
  }

  #remove(entry: Entry): void {
    this.#groups[entry.keyGroup - this.#in.firstKeyGroup]!.delete(canonicalKey(entry.key));
  }

  #touch(entry: Entry): void {
    this.#in.attempt.assertWorking();
    entry.mark = this.#in.attempt.mark;
    entry.previous = entry.value;
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
    this.#resize(entry, out.offset - start);
    if (entry.mark !== this.#in.attempt.mark) return;
    entry.value = ownValue(entry.value);
    if (this.#in.freeze) deepFreeze(entry.value);
  }

  #loadPut(key: Key, keyGroup: number, value: unknown, bytes: number): void {
    const canonical = canonicalKey(key);
    let entry = this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonical);
    if (entry === undefined) {
      entry = this.#insert(key, keyGroup, canonical);
      this.entries++;
    }
    entry.value = this.#in.freeze ? deepFreeze(value) : value;
    this.#resize(entry, bytes);
  }

  #loadDelete(key: Key, keyGroup: number): void {
    const entry = this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonicalKey(key));
    if (entry === undefined) return;
    this.#resize(entry, 0);
    this.#remove(entry);
    this.entries--;
  }
}
