import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import type { NamespacedState } from './api.ts';
import { ownKeyOf, type TableContext } from './keyed-table.ts';
import { KeyedTables } from './keyed-tables.ts';

/**
 * State by key and namespace. Its tables are those of keyed state, and know what is theirs by the pair [key, namespace]
 * as they know other state by its key; only in which key group a pair lies is up to the key alone.
 */
export class NamespacedTables extends KeyedTables implements NamespacedState {
  readonly #in: TableContext;
  #key: Key | undefined = undefined;
  #namespace: Key | undefined = undefined;
  /** The cursor's, when it was set to these two: a timer that was polled has set it to others. */
  #version = -1;

  constructor(context: TableContext) {
    super(context);
    this.#in = context;
  }

  setCurrent(key: Key, keyGroup: number, namespace: Key): void {
    const { cursor, maxParallelism } = this.#in;
    // Objects are other ones each time, even where they are equal: that costs a look-up, and no more.
    if (key === this.#key && namespace === this.#namespace && cursor.version === this.#version) return;
    cursor.set([key, namespace], keyGroup === -1 ? keyGroupOf(key, maxParallelism) : keyGroup);
    this.#key = key;
    this.#namespace = namespace;
    this.#version = cursor.version;
  }

  get currentKey(): Key {
    return ownKeyOf(this.#in, this.#in.cursor.key);
  }

  get currentNamespace(): Key {
    return (this.#in.cursor.key as readonly [Key, Key])[1];
  }
}
