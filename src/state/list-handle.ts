import type { ListState } from '../stream/state.ts';
import type { CollectionTable } from './collection-table.ts';
import type { KeyList } from './key-list.ts';

const none: readonly unknown[] = Object.freeze([]);

/** The current key's list, as user code sees it. */
export class ListHandle implements ListState<unknown> {
  readonly #table: CollectionTable<KeyList>;

  constructor(table: CollectionTable<KeyList>) {
    this.#table = table;
  }

  get(): readonly unknown[] {
    return this.#table.current()?.get() ?? none;
  }

  add(value: unknown): void {
    this.#table.currentOrNew().append([value]);
  }

  addAll(values: Iterable<unknown>): void {
    const added = [...values];
    if (added.length > 0) this.#table.currentOrNew().append(added);
  }

  update(values: Iterable<unknown>): void {
    const all = [...values];
    this.clear();
    this.addAll(all);
  }

  clear(): void {
    this.#table.current()?.clear();
  }
}
