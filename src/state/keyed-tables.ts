import { unreachable } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import type { StateDeclaration, StateHandle, StateTtl, ValueState } from '../stream/state.ts';
import type { KeyedState, TimerQueue } from './api.ts';
import { CollectionTable } from './collection-table.ts';
import { AggregatingHandle, ReducingHandle } from './folded-handles.ts';
import { KeyList } from './key-list.ts';
import { KeyMap } from './key-map.ts';
import type { DeclaredTable, KeyedTable, TableContext, TableKind } from './keyed-table.ts';
import { ListHandle } from './list-handle.ts';
import { MapHandle } from './map-handle.ts';
import { type TimerDomain, TimerTable } from './timer-table.ts';
import { unsupported } from './unsupported.ts';
import { ValueTable } from './value-table.ts';

/** The tables of keyed state of one operator, made when they are first asked for; all by key, or all by key and namespace. */
export class KeyedTables implements KeyedState {
  readonly #context: TableContext;
  readonly #values = new Map<string, ValueTable>();
  readonly #lists = new Map<string, CollectionTable<KeyList>>();
  readonly #maps = new Map<string, CollectionTable<KeyMap>>();
  readonly #declaredKinds = new Map<string, TableKind>();
  readonly #timers = new Map<TimerDomain, TimerTable>();

  constructor(context: TableContext) {
    this.#context = context;
  }

  state<D extends StateDeclaration>(name: string, declaration: D): StateHandle<D> {
    return this.#handle(name, declaration) as StateHandle<D>;
  }

  valueState<T>(name: string): ValueState<T> {
    return this.#valueTable(name) as ValueState<T>;
  }

  get timers(): TimerQueue {
    return this.#timerTable('');
  }

  get processingTimers(): TimerQueue {
    return this.#timerTable('processing');
  }

  /** In an order that depends on nothing but the names: values by name, lists, maps, then timers. */
  tables(): readonly KeyedTable[] {
    return [this.#values, this.#lists, this.#maps, this.#timers].flatMap((byName) =>
      [...byName.values()].sort((a: KeyedTable, b: KeyedTable) => (a.name < b.name ? -1 : 1)),
    );
  }

  table(kind: TableKind, name: string): KeyedTable {
    switch (kind) {
      case 'value':
        return this.#valueTable(name);
      case 'list':
        return this.#listTable(name);
      case 'map':
        return this.#mapTable(name);
      case 'timers':
        return this.#timerTable(timerDomain(name));
      default:
        return unreachable(kind);
    }
  }

  /** State that was restored under a declared name must be of the declared kind. */
  checkKinds(): void {
    for (const [name, declared] of this.#declaredKinds) {
      for (const byName of [this.#values, this.#lists, this.#maps]) {
        const restored = byName.get(name);
        if (restored === undefined || restored.kind === declared || restored.entries === 0) continue;
        throw kindChanged(this.#context.operator, name, declared, restored.kind);
      }
    }
  }

  /** What was looked up before is void. */
  resetKey(): void {
    this.#context.cursor.reset();
  }

  #handle(name: string, declaration: StateDeclaration): StateHandle<StateDeclaration> {
    const { ttl } = declaration;
    switch (declaration.kind) {
      case 'value':
        return this.#declare(this.#valueTable(name), ttl);
      case 'list':
        return new ListHandle(this.#declare(this.#listTable(name), ttl));
      case 'map':
        return new MapHandle(this.#declare(this.#mapTable(name), ttl));
      case 'reducing':
        return new ReducingHandle(this.#declare(this.#valueTable(name), ttl), declaration);
      case 'aggregating':
        return new AggregatingHandle(this.#declare(this.#valueTable(name), ttl), declaration);
      default:
        return unreachable(declaration);
    }
  }

  #declare<T extends DeclaredTable>(table: T, ttl: StateTtl | undefined): T {
    this.#declaredKinds.set(table.name, table.kind);
    this.checkKinds();
    table.declare(ttl);
    return table;
  }

  #valueTable(name: string): ValueTable {
    return getOrAdd(this.#values, name, () => new ValueTable(name, this.#context));
  }

  #listTable(name: string): CollectionTable<KeyList> {
    return getOrAdd(this.#lists, name, () => new CollectionTable('list', name, this.#context, (...of) => new KeyList(...of)));
  }

  #mapTable(name: string): CollectionTable<KeyMap> {
    return getOrAdd(this.#maps, name, () => new CollectionTable('map', name, this.#context, (...of) => new KeyMap(...of)));
  }

  #timerTable(domain: TimerDomain): TimerTable {
    return getOrAdd(this.#timers, domain, () => new TimerTable(domain, this.#context));
  }
}

function timerDomain(name: string): TimerDomain {
  if (name === '' || name === 'processing') return name;
  throw unsupported(`timers named "${name}"`, 'timers of event time and of processing time');
}

function getOrAdd<N extends string, T>(tables: Map<N, T>, name: N, create: () => T): T {
  let table = tables.get(name);
  if (table === undefined) {
    table = create();
    tables.set(name, table);
  }
  return table;
}

function kindChanged(operator: string, name: string, declared: TableKind, restored: TableKind): WeirError {
  return new WeirError({
    code: 'STATE_KIND_CHANGED',
    domain: 'user',
    message: `State "${name}" of operator "${operator}" is declared as a ${declared}, but what was restored under this name is a ${restored}.`,
    advice: 'Give the new state another name, or the operator another uid.',
    subject: { operator, state: name },
  });
}
