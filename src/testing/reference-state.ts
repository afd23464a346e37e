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
  /** When what is under a key was last touched, each element and entry by itself; where there is a time to live. */
  readonly times: Map<CanonicalKey, Times>;
}

/** By position in a list, by canonical key in a map; a single value is at 0. */
type Times = Map<CanonicalKey, number>;

type Entries = Map<CanonicalKey, readonly [Key, unknown]>;

/** By name of the state. */
export function emptyValues(declarations: StateDeclarations): ReadonlyMap<string, ReferenceValues> {
  return new Map(
    Object.entries(declarations).map(([name, declaration]) => {
      const kept = declaration.ttl?.visibility !== 'returnExpiredIfNotCleanedUp';
      assert(kept, `the reference does not know what was cleaned up, but state "${name}" may return what was not`);
      return [name, { declaration, byKey: new Map(), times: new Map() }];
    }),
  );
}

/** Forgets what has expired by now: it is never seen again. Within an epoch nothing expires, since time stands still. */
export function dropExpired({ declaration, byKey, times }: ReferenceValues, now: number): void {
  const { ttl, kind } = declaration ?? {};
  if (ttl === undefined) return;
  for (const [canonical, { key, value }] of byKey) {
    const own = times.get(canonical)!;
    const isAlive = (at: CanonicalKey) => own.get(at)! + ttl.ms > now;
    const alive =
      kind === 'list'
        ? (value as readonly unknown[]).filter((_, at) => isAlive(at))
        : kind === 'map'
          ? new Map([...(value as Entries)].filter(([at]) => isAlive(at)))
          : [value].filter(() => isAlive(0));
    const left = [...own].filter(([at]) => isAlive(at));
    // What is left of a list has new positions.
    times.set(canonical, new Map(kind === 'list' ? left.map(([, time], at) => [at, time]) : left));
    if (left.length === 0) byKey.delete(canonical);
    else byKey.set(canonical, { key, value: kind === 'list' || kind === 'map' ? alive : value });
  }
}

/** The handles of one key, at this processing time. */
export function handlesOf(values: ReadonlyMap<string, ReferenceValues>, key: Key, now: number): StateHandles<StateDeclarations> {
  const canonical = canonicalKey(key);
  const handles: { [name: string]: unknown } = {};
  for (const [name, { declaration, byKey, times }] of values) {
    const updatesOnRead = declaration!.ttl?.update === 'onReadAndWrite';
    const ofKey = () => {
      if (!times.has(canonical)) times.set(canonical, new Map());
      return times.get(canonical)!;
    };
    handles[name] = handleOf(declaration!, {
      get: () => byKey.get(canonical)?.value,
      set: (value) => void byKey.set(canonical, { key, value }),
      clear: () => void byKey.delete(canonical),
      wrote: (at) => void ofKey().set(at, now),
      read: (at) => void (updatesOnRead && ofKey().set(at, now)),
    });
  }
  return handles as StateHandles<StateDeclarations>;
}

interface Cell {
  get(): unknown;
  set(value: unknown): void;
  clear(): void;
  /** Told what was touched, by position in a list, by canonical key in a map; a single value is at 0. */
  wrote?(at: CanonicalKey): void;
  read?(at: CanonicalKey): void;
}

function handleOf(declaration: StateDeclaration, cell: Cell): unknown {
  const { clear } = cell;
  const get = () => {
    cell.read?.(0);
    return cell.get();
  };
  const set = (value: unknown) => {
    cell.wrote?.(0);
    cell.set(value);
  };
  switch (declaration.kind) {
    case 'value':
      return { value: get, update: (value: unknown) => (value === undefined ? clear() : set(value)), clear };
    case 'list':
      return listHandle(cell);
    case 'map':
      return mapHandle(cell);
    case 'reducing':
      return { get, add: (value: unknown) => set(cell.get() === undefined ? value : declaration.reduce(cell.get(), value)), clear };
    case 'aggregating':
      return {
        get: () => (get() === undefined ? undefined : declaration.result(cell.get())),
        add: (value: unknown) => set(declaration.add(cell.get() ?? declaration.create(), value)),
        clear,
      };
  }
}

/** Also of operator state, whose cell is there once. */
export function listHandle(cell: Cell): ListState<unknown> {
  const all = () => (cell.get() as readonly unknown[] | undefined) ?? [];
  const replace = (values: readonly unknown[], kept: number) => {
    if (values.length === 0) cell.clear();
    else cell.set(values);
    for (let at = kept; at < values.length; at++) cell.wrote?.(at);
  };
  return {
    get() {
      all().forEach((_, at) => cell.read?.(at));
      return all();
    },
    update: (values: Iterable<unknown>) => replace([...values], 0),
    add: (value: unknown) => replace([...all(), value], all().length),
    addAll: (values: Iterable<unknown>) => replace([...all(), ...values], all().length),
    clear: cell.clear,
  };
}

/** Also of broadcast state, whose cell is there once. */
export function mapHandle(cell: Cell): MapState<Key, unknown> {
  const all = () => (cell.get() as Entries | undefined) ?? new Map<CanonicalKey, readonly [Key, unknown]>();
  const look = (at: CanonicalKey): unknown => {
    if (all().has(at)) cell.read?.(at);
    return all().get(at)?.[1];
  };
  const remove = (key: Key) => {
    all().delete(canonicalKey(key));
    if (all().size === 0) cell.clear();
  };
  const put = (key: Key, value: unknown) => {
    if (value === undefined) return remove(key);
    cell.set(all().set(canonicalKey(key), [key, value]));
    cell.wrote?.(canonicalKey(key));
  };
  const entries = function* (): Generator<[Key, unknown], undefined> {
    for (const [at, [key]] of all()) yield [key, look(at)];
    return undefined;
  };
  return {
    get: (key: Key) => look(canonicalKey(key)),
    has: (key: Key) => look(canonicalKey(key)) !== undefined,
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
