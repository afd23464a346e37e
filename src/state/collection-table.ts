import type { StateTtl } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { type Collection, CollectionScope } from './collection.ts';
import { KeyIndex } from './key-index.ts';
import type { DeclaredTable, GroupCounts, StoredRun, TableContext } from './keyed-table.ts';
import { RunReader } from './run-reader.ts';
import { TimeToLive } from './time-to-live.ts';

/** A state of many entries per key: lists or maps. */
export class CollectionTable<C extends Collection> implements DeclaredTable {
  readonly kind: 'list' | 'map';
  readonly name: string;
  readonly #scope: CollectionScope;
  readonly #index: KeyIndex<C>;
  #isDeclared = false;
  #gathered = new Map<number, Collection[]>();

  constructor(
    kind: 'list' | 'map',
    name: string,
    context: TableContext,
    create: (key: Key, keyGroup: number, scope: CollectionScope) => C,
  ) {
    this.kind = kind;
    this.name = name;
    this.#scope = new CollectionScope(name, context);
    this.#index = new KeyIndex(context, (key, keyGroup) => create(key, keyGroup, this.#scope));
  }

  get timed(): boolean {
    return this.#scope.timed;
  }

  get namespaced(): boolean {
    return this.#scope.context.namespaced;
  }

  get entries(): number {
    return this.#scope.entries;
  }

  get bytes(): number {
    return this.#scope.bytes;
  }

  declare(ttl: StateTtl | undefined): void {
    this.#isDeclared = true;
    this.#scope.timed = ttl !== undefined;
    this.#scope.ttl = ttl && new TimeToLive(ttl, this.#scope.context.attempt);
  }

  /** The current key's, if there is one. */
  current(): C | undefined {
    return this.#index.current();
  }

  currentOrNew(): C {
    return this.#index.current() ?? this.#index.addCurrent();
  }

  entriesIn(keyGroup: number): number {
    return this.#scope.entriesIn(keyGroup);
  }

  gather(): ReadonlyMap<number, number> {
    this.#gathered = new Map();
    const counts = new Map<number, number>();
    for (const collection of this.#scope.changed) {
      const changes = collection.changes();
      if (changes === 0) continue;
      const { keyGroup } = collection;
      const others = this.#gathered.get(keyGroup);
      if (others === undefined) this.#gathered.set(keyGroup, [collection]);
      else others.push(collection);
      counts.set(keyGroup, (counts.get(keyGroup) ?? 0) + changes);
    }
    return counts;
  }

  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts {
    let puts = 0;
    let deletes = 0;
    for (const collection of whole ? this.#index.of(keyGroup) : (this.#gathered.get(keyGroup) ?? [])) {
      if (whole) collection.dropExpired();
      if (whole && collection.size === 0) continue;
      out.write(collection.key);
      const written = whole ? collection.writeWhole(out) : collection.writeChanges(out);
      puts += written.puts;
      deletes += written.deletes;
    }
    return { puts, deletes };
  }

  promote(): void {
    for (const collection of this.#scope.changed) collection.promote();
    this.#forgetChanges();
  }

  undo(): void {
    for (const collection of this.#scope.changed) collection.undo();
    this.#forgetChanges();
  }

  empty(keyGroup: number): void {
    for (const { size, bytes } of this.#index.of(keyGroup)) this.#scope.count(keyGroup, -size, -bytes);
    this.#index.empty(keyGroup);
  }

  read(run: StoredRun): void {
    if (!this.#isDeclared) this.#scope.timed = run.timed;
    const reader = new RunReader(`state "${this.name}"`, run);
    let puts = 0;
    let deletes = 0;
    while (!reader.done) {
      const collection = this.#index.findOrAdd(reader.next() as Key, run.keyGroup);
      const read = collection.read(reader, run.timed);
      puts += read.puts;
      deletes += read.deletes;
      if (collection.size === 0) this.#index.remove(collection as C);
    }
    reader.expect('puts', puts, run.counts.puts);
    reader.expect('deletes', deletes, run.counts.deletes);
  }

  #forgetChanges(): void {
    for (const collection of this.#scope.changed) if (collection.size === 0) this.#index.remove(collection as C);
    this.#scope.changed = [];
    this.#gathered = new Map();
  }
}
