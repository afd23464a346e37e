import { assert } from '../base/assert.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import { IntegerIndex } from './integer-index.ts';
import { ownKeyOf, type TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';

/** What `current` and `find` give for a key that has no slot. */
export const noSlot = -1;

/**
 * Gives every key a slot, a small number under which its table keeps what it has of the key in arrays. With many keys,
 * a look-up costs what it misses in the processor's caches: the number stands in the map beside the key, and arrays of
 * numbers are dense, where an object per key would be several places in memory to go to.
 *
 * Keys lie by key group, and within one in the order in which they came. A slot that was removed is given out again.
 */
export class KeySlots {
  readonly #in: TableContext;
  readonly #groups: (Map<CanonicalKey, number> | undefined)[];
  readonly #keys: Key[] = [];
  readonly #keyGroups: number[] = [];
  readonly #free: number[] = [];
  /** Knows the integers among the keys a second time. */
  readonly #integers = new IntegerIndex();
  /** As looked up at this version of the cursor. */
  #current = noSlot;
  #currentVersion = -1;

  constructor(context: TableContext) {
    this.#in = context;
    this.#groups = new Array<undefined>(context.keyGroups).fill(undefined);
  }

  /** The current key's slot. */
  current(): number {
    const { cursor } = this.#in;
    if (this.#currentVersion !== cursor.version) {
      const { key } = cursor;
      this.#current = isInteger(key) ? this.#integers.get(key) : this.#lookUp(cursor.canonical, cursor.keyGroup);
      this.#currentVersion = cursor.version;
    }
    return this.#current;
  }

  #lookUp(canonical: CanonicalKey, keyGroup: number): number {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonical) ?? noSlot;
  }

  /** For a current key that has none. */
  addCurrent(): number {
    this.#in.attempt.assertWorking();
    const { key, keyGroup, canonical } = this.#in.cursor;
    this.#in.keyKinds.add(ownKeyOf(this.#in, key));
    this.#current = this.#insert(key, keyGroup, canonical);
    return this.#current;
  }

  find(key: Key, keyGroup: number): number {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonicalKey(key)) ?? noSlot;
  }

  /** Of a key that was read: its own already. */
  findOrAdd(key: Key, keyGroup: number): number {
    const canonical = canonicalKey(key);
    const known = this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonical);
    if (known !== undefined) return known;
    this.#in.keyKinds.load(ownKeyOf(this.#in, key));
    return this.#insert(key, keyGroup, canonical);
  }

  keyOf(slot: number): Key {
    return this.#keys[slot]!;
  }

  keyGroupOf(slot: number): number {
    return this.#keyGroups[slot]!;
  }

  /** What the table keeps of it must be gone: the slot is given to another key. */
  remove(slot: number): void {
    this.#groups[this.keyGroupOf(slot) - this.#in.firstKeyGroup]?.delete(canonicalKey(this.keyOf(slot)));
    this.#release(slot);
  }

  sizeOf(keyGroup: number): number {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.size ?? 0;
  }

  of(keyGroup: number): Iterable<number> {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.values() ?? [];
  }

  /** Forgets a whole key group. */
  empty(keyGroup: number): void {
    for (const slot of this.of(keyGroup)) this.#release(slot);
    this.#groups[keyGroup - this.#in.firstKeyGroup] = undefined;
  }

  #release(slot: number): void {
    const key = this.#keys[slot]!;
    if (isInteger(key)) this.#integers.delete(key);
    this.#keys[slot] = '';
    this.#free.push(slot);
    this.#currentVersion = -1;
  }

  #insert(key: Key, keyGroup: number, canonical: CanonicalKey): number {
    const index = keyGroup - this.#in.firstKeyGroup;
    assert(index >= 0 && index < this.#in.keyGroups, `key group ${keyGroup} belongs to this subtask`);
    assert(keyGroup === keyGroupOf(ownKeyOf(this.#in, key), this.#in.maxParallelism), `key group ${keyGroup} is the key's`);
    const kept = ownValue(key);
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#keys[slot] = kept;
    this.#keyGroups[slot] = keyGroup;
    const identity = typeof key === 'string' && key === canonical ? (kept as string) : canonical;
    let group = this.#groups[index];
    if (group === undefined) {
      group = new Map();
      this.#groups[index] = group;
    }
    group.set(identity, slot);
    if (isInteger(kept)) this.#integers.add(kept, slot);
    return slot;
  }
}

/** -0 is 0, as a key. */
const isInteger = (key: Key): key is number => typeof key === 'number' && (key | 0) === key;
