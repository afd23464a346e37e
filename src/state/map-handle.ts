import type { MapState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import type { CollectionTable } from './collection-table.ts';
import type { KeyMap } from './key-map.ts';

/** The current key's map, as user code sees it. */
export class MapHandle implements MapState<Key, unknown> {
  readonly #table: CollectionTable<KeyMap>;

  constructor(table: CollectionTable<KeyMap>) {
    this.#table = table;
  }

  get(key: Key): unknown {
    return this.#table.current()?.get(key);
  }

  put(key: Key, value: unknown): void {
    if (value === undefined) this.delete(key);
    else this.#table.currentOrNew().put(key, value);
  }

  putAll(entries: Iterable<readonly [Key, unknown]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  delete(key: Key): void {
    this.#table.current()?.delete(key);
  }

  entries(): IteratorObject<[Key, unknown], undefined> {
    return this.#table.current()?.entries() ?? [].values();
  }

  keys(): IteratorObject<Key, undefined> {
    return partsOf(this.entries(), 0);
  }

  values(): IteratorObject<unknown, undefined> {
    return partsOf(this.entries(), 1);
  }

  [Symbol.iterator](): IteratorObject<[Key, unknown], undefined> {
    return this.entries();
  }

  get size(): number {
    return this.#table.current()?.visible ?? 0;
  }

  isEmpty(): boolean {
    return this.size === 0;
  }

  clear(): void {
    this.#table.current()?.clear();
  }
}

function* partsOf<E extends readonly [unknown, unknown], I extends 0 | 1>(entries: Iterable<E>, part: I): Generator<E[I], undefined> {
  for (const entry of entries) yield entry[part];
  return undefined;
}
