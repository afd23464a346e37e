import { assert } from '../base/assert.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import { ownKeyOf, type TableContext } from './keyed-table.ts';
import { ownValue } from './own-value.ts';

/** What a table keeps for a key. */
export interface Keyed {
  readonly key: Key;
  readonly keyGroup: number;
}

/**
 * What a table keeps, by key group and then by key, in the order in which the keys came. The current key's is looked up
 * once for each new current key.
 */
export class KeyIndex<E extends Keyed> {
  readonly #in: TableContext;
  readonly #create: (key: Key, keyGroup: number) => E;
  readonly #groups: (Map<CanonicalKey, E> | undefined)[];
  /** As looked up at this version of the cursor. */
  #current: E | undefined = undefined;
  #currentVersion = -1;

  constructor(context: TableContext, create: (key: Key, keyGroup: number) => E) {
    this.#in = context;
    this.#create = create;
    this.#groups = new Array<undefined>(context.keyGroups).fill(undefined);
  }

  /** The current key's. */
  current(): E | undefined {
    const { cursor } = this.#in;
    if (this.#currentVersion !== cursor.version) {
      this.#current = this.#groups[cursor.keyGroup - this.#in.firstKeyGroup]?.get(cursor.canonical);
      this.#currentVersion = cursor.version;
    }
    return this.#current;
  }

  /** For a current key that has none. */
  addCurrent(): E {
    this.#in.attempt.assertWorking();
    const { key, keyGroup, canonical } = this.#in.cursor;
    this.#in.keyKinds.add(ownKeyOf(this.#in, key));
    this.#current = this.#insert(key, keyGroup, canonical);
    return this.#current;
  }

  find(key: Key, keyGroup: number): E | undefined {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonicalKey(key));
  }

  /** Of a key that was read: its own already. */
  findOrAdd(key: Key, keyGroup: number): E {
    const canonical = canonicalKey(key);
    const known = this.#groups[keyGroup - this.#in.firstKeyGroup]?.get(canonical);
    if (known !== undefined) return known;
    this.#in.keyKinds.load(ownKeyOf(this.#in, key));
    return this.#insert(key, keyGroup, canonical);
  }

  remove(kept: E): void {
    this.#groups[kept.keyGroup - this.#in.firstKeyGroup]?.delete(canonicalKey(kept.key));
  }

  sizeOf(keyGroup: number): number {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.size ?? 0;
  }

  of(keyGroup: number): Iterable<E> {
    return this.#groups[keyGroup - this.#in.firstKeyGroup]?.values() ?? [];
  }

  /** Forgets a whole key group. */
  empty(keyGroup: number): void {
    this.#groups[keyGroup - this.#in.firstKeyGroup] = undefined;
  }

  #insert(key: Key, keyGroup: number, canonical: CanonicalKey): E {
    const index = keyGroup - this.#in.firstKeyGroup;
    assert(index >= 0 && index < this.#in.keyGroups, `key group ${keyGroup} belongs to this subtask`);
    assert(keyGroup === keyGroupOf(ownKeyOf(this.#in, key), this.#in.maxParallelism), `key group ${keyGroup} is the key's`);
    const kept = this.#create(ownValue(key), keyGroup);
    const identity = typeof key === 'string' && key === canonical ? (kept.key as string) : canonical;
    let group = this.#groups[index];
    if (group === undefined) {
      group = new Map();
      this.#groups[index] = group;
    }
    group.set(identity, kept);
    return kept;
  }
}
