import { assert } from '../base/assert.ts';
import type { ListState, MapState, StateDeclaration, StateDeclarations, StateHandles } from '../stream/state.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';

/**
 * One named state by key. A list is kept as an array, a map as a Map by canonical key of its entries, a reduction as its
 * value, an aggregation as its accumulator.
 */
export interface ReferenceValues {
  /** Nothing for a plain value that the engine keeps for itself. */
  readonly declaration: StateDeclaration | undefined;
  readonly byKey: Map<CanonicalKey, { readonly key: Key; readonly value: unknown }>;
}

/** By name of the state. */
export function emptyValues(declarations: StateDeclarations): ReadonlyMap<string, ReferenceValues> {
  return new Map(
    Object.entries(declarations).map(([name, declaration]) => {
      assert(declaration.ttl === undefined, `the reference knows no time to live, but state "${name}" has one`);
      return [name, { declaration, byKey: new Map() }];
    }),
  );
}

/** The handles of one key. */
export function handlesOf(values: ReadonlyMap<string, ReferenceValues>, key: Key): StateHandles<StateDeclarations> {
  const canonical = canonicalKey(key);
  const handles: { [name: string]: unknown } = {};
  for (const [name, { declaration, byKey }] of values) {
    handles[name] = handleOf(declaration!, {
      get: () => byKey.get(canonical)?.value,
      set: (value) => void byKey.set(canonical, { key, value }),
      clear: () => void byKey.delete(canonical),
    });
  }
  return handles as StateHandles<StateDeclarations>;
}

interface Cell {
  get(): unknown;
  set(value: unknown): void;
  clear(): void;
}

function handleOf(declaration: StateDeclaration, cell: Cell): unknown {
  const { clear } = cell;
  switch (declaration.kind) {
    case 'value':
      return { value: cell.get, update: cell.set, clear };
    case 'list':
      return listHandle(cell);
    case 'map':
      return mapHandle(cell);
    case 'reducing':
      return {
        get: cell.get,
        add: (value: unknown) => cell.set(cell.get() === undefined ? value : declaration.reduce(cell.get(), value)),
        clear,
      };
    case 'aggregating':
      return {
        get: () => (cell.get() === undefined ? undefined : declaration.result(cell.get())),
        add: (value: unknown) => cell.set(declaration.add(cell.get() ?? declaration.create(), value)),
        clear,
      };
  }
}

/** Also of operator state, whose cell is there once. */
export function listHandle(cell: Cell): ListState<unknown> {
  const get = () => (cell.get() as readonly unknown[] | undefined) ?? [];
  const update = (values: Iterable<unknown>) => ([...values].length === 0 ? cell.clear() : cell.set([...values]));
  return {
    get,
    update,
    add: (value: unknown) => update([...get(), value]),
    addAll: (values: Iterable<unknown>) => update([...get(), ...values]),
    clear: cell.clear,
  };
}

/** Also of broadcast state, whose cell is there once. */
export function mapHandle(cell: Cell): MapState<Key, unknown> {
  const all = () => (cell.get() as Map<CanonicalKey, readonly [Key, unknown]> | undefined) ?? new Map<CanonicalKey, [Key, unknown]>();
  const remove = (key: Key) => {
    all().delete(canonicalKey(key));
    if (all().size === 0) cell.clear();
  };
  const put = (key: Key, value: unknown) => (value === undefined ? remove(key) : cell.set(all().set(canonicalKey(key), [key, value])));
  const entries = function* (): Generator<[Key, unknown], undefined> {
    for (const [key, value] of all().values()) yield [key, value];
    return undefined;
  };
  return {
    get: (key: Key) => all().get(canonicalKey(key))?.[1],
    has: (key: Key) => all().has(canonicalKey(key)),
    put,
    putAll: (added: Iterable<readonly [Key, unknown]>) => [...added].forEach(([key, value]) => put(key, value)),
    delete: remove,
    entries,
    *keys() {
      for (const [key] of entries()) yield key;
      return undefined;
    },
    *values() {
      for (const [, value] of entries()) yield value;
      return undefined;
    },
    [Symbol.iterator]: entries,
    get size() {
      return all().size;
    },
    isEmpty: () => all().size === 0,
    clear: cell.clear,
  };
}
