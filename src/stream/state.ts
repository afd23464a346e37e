import type { Key } from '../values/key.ts';
import type { Portable } from '../values/portable.ts';
import type { TypeDescription } from './type-description.ts';

/** Deeply read-only, as all that state returns: state changes only through its methods. */
export type Immutable<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends Date | Uint8Array | string | number | boolean | bigint | null | undefined
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Immutable<K>, Immutable<V>>
      : T extends object
        ? { readonly [K in keyof T]: Immutable<T[K]> }
        : T;

/**
 * Time to live, as Flink's StateTtlConfig. It counts in processing time, which is the epoch's stamp: nothing expires
 * within an epoch, and a replay sees what the first run saw. Of a map every entry has its own, of a list every element.
 * What has expired is dropped when it is looked at, and when its part of the state is next written whole.
 */
export interface StateTtl {
  /** So long after it was last touched; a whole number of milliseconds, at least 1. */
  readonly ms: number;
  /** What touches it; default `onCreateAndWrite`. */
  readonly update?: 'onCreateAndWrite' | 'onReadAndWrite';
  /** Whether what has expired but was not dropped yet may still be seen, once; default `neverReturnExpired`. */
  readonly visibility?: 'neverReturnExpired' | 'returnExpiredIfNotCleanedUp';
}

/** What can be said of every kind of state; `T` is a value, an element, or the value of a map entry. */
export interface StateOptions<T = never> extends SchemaOptions<T> {
  /** Without one, state stays until it is cleared. */
  readonly ttl?: StateTtl;
}

/** How what is stored may change from one version of the program to the next. Fields may come and go without a word. */
export interface SchemaOptions<T> {
  /** Of what is stored, a whole number; it goes up when older values must be made into something else. Default 1. */
  readonly version?: number;
  /**
   * Makes of a value that was stored under an older version, `fromVersion`, one of this version. Runs when state is loaded,
   * perhaps more than once for a value: the same old value must give the same new one. Of aggregating state, `old` is the
   * accumulator.
   */
  readonly migrate?: (old: unknown, fromVersion: number) => T;
}

/** What declarations of all kinds have. */
export interface AnyStateDeclaration extends StateOptions<unknown> {
  /** The declared type, see `t`. */
  readonly description?: Portable;
}

/*
 * Declarations of named state; the name is the field it is declared under. Declared, so that restore is planned before
 * anything runs. The field `type` is never set: it carries the type.
 */

export interface ValueStateDeclaration<T> extends AnyStateDeclaration {
  readonly kind: 'value';
  readonly type?: T;
}

export interface ListStateDeclaration<T> extends AnyStateDeclaration {
  readonly kind: 'list';
  readonly type?: T;
}

export interface MapStateDeclaration<K, V> extends AnyStateDeclaration {
  readonly kind: 'map';
  readonly type?: { readonly key: K; readonly value: V };
}

export interface ReducingStateDeclaration<T> extends AnyStateDeclaration {
  readonly kind: 'reducing';
  readonly type?: T;
  reduce(accumulated: Immutable<T>, value: Immutable<T>): T | Immutable<T>;
}

export interface AggregatingStateDeclaration<I, A, O> extends AnyStateDeclaration {
  readonly kind: 'aggregating';
  readonly type?: { readonly in: I; readonly accumulator: A; readonly out: O };
  create(): A;
  add(accumulator: Immutable<A>, value: Immutable<I>): A | Immutable<A>;
  result(accumulator: Immutable<A>): O;
}

export type StateDeclaration =
  | ValueStateDeclaration<unknown>
  | ListStateDeclaration<unknown>
  | MapStateDeclaration<unknown, unknown>
  | ReducingStateDeclaration<unknown>
  | AggregatingStateDeclaration<unknown, unknown, unknown>;
export type StateDeclarations = { readonly [name: string]: StateDeclaration };

interface Typed<T> {
  /** What it holds; a restore then refuses values of another type by name, before anything runs. */
  readonly type?: TypeDescription<T>;
}

/** One value per key. */
export const valueState = <T>(options: StateOptions<T> & Typed<T> = {}): ValueStateDeclaration<T> => ({
  ...declared(options),
  kind: 'value',
});

/** A list per key, for what is appended and read in order. Its type is that of an element. */
export const listState = <T>(options: StateOptions<T> & Typed<T> = {}): ListStateDeclaration<T> => ({ ...declared(options), kind: 'list' });

/** A map per key: entries are read, written and stored one by one. Its keys are what a stream may be keyed by. */
export const mapState = <K extends Key, V>(options: StateOptions<V> & Typed<ReadonlyMap<K, V>> = {}): MapStateDeclaration<K, V> => ({
  ...declared(options),
  kind: 'map',
});

/** Per key one value, to which everything added is reduced: `reducingState<number>({ reduce: (a, b) => a + b })`. */
export const reducingState = <T>(
  options: StateOptions<T> & Typed<T> & { reduce(accumulated: Immutable<T>, value: Immutable<T>): T | Immutable<T> },
): ReducingStateDeclaration<T> => ({ ...declared(options), kind: 'reducing', reduce: methodOf(options, 'reduce') });

/**
 * Per key one accumulator, into which everything added goes and of which results are made. Its type is the accumulator's.
 *
 *     aggregatingState({
 *       create: () => ({ count: 0, sum: 0 }),
 *       add: ({ count, sum }, value: number) => ({ count: count + 1, sum: sum + value }),
 *       result: ({ count, sum }) => sum / count,
 *     })
 */
export const aggregatingState = <I, A, O>(
  options: StateOptions<A> &
    Typed<A> & {
      create(): A;
      add(accumulator: Immutable<A>, value: I): A | Immutable<A>;
      result(accumulator: Immutable<A>): O;
    },
): AggregatingStateDeclaration<I, A, O> => ({
  ...declared(options),
  kind: 'aggregating',
  create: methodOf(options, 'create'),
  add: methodOf(options, 'add') as AggregatingStateDeclaration<I, A, O>['add'],
  result: methodOf(options, 'result'),
});

/** What stays of the options in a declaration: of the type only its description. */
function declared({ type, ttl, version, migrate }: StateOptions<unknown> & Typed<unknown>): AnyStateDeclaration {
  return {
    ...(ttl === undefined ? {} : { ttl }),
    ...(version === undefined ? {} : { version }),
    ...(migrate === undefined ? {} : { migrate }),
    ...(type === undefined ? {} : { description: type.description }),
  };
}

/** Of an object of any make; what is no function is refused when the state is put to use. */
function methodOf<O extends object, M extends keyof O>(options: O, name: M): O[M] {
  const method = options[name];
  return typeof method === 'function' ? method.bind(options) : method;
}

/** The current key's value. */
export interface ValueState<T> {
  /** Nothing if it was never set, or cleared. */
  value(): Immutable<T> | undefined;
  update(value: T | Immutable<T>): void;
  clear(): void;
}

/** The current key's list. */
export interface ListState<T> {
  /** In the order in which they were added; empty if there are none. What comes later does not change what was given out. */
  get(): readonly Immutable<T>[];
  /** Only what was added is stored, however long the list is. */
  add(value: T | Immutable<T>): void;
  addAll(values: Iterable<T | Immutable<T>>): void;
  /** Puts these in the place of all. */
  update(values: Iterable<T | Immutable<T>>): void;
  clear(): void;
}

/**
 * The current key's map. Iteration is in the order in which entries were first put, also after a restore, and follows
 * changes on the way as that of a JavaScript Map does.
 */
export interface MapState<K, V> {
  get(key: K): Immutable<V> | undefined;
  /** An entry that is there keeps its place. */
  put(key: K, value: V | Immutable<V>): void;
  putAll(entries: Iterable<readonly [K, V | Immutable<V>]>): void;
  /** Flink's `contains`. */
  has(key: K): boolean;
  /** Flink's `remove`. */
  delete(key: K): void;
  entries(): IteratorObject<[K, Immutable<V>], undefined>;
  keys(): IteratorObject<K, undefined>;
  values(): IteratorObject<Immutable<V>, undefined>;
  [Symbol.iterator](): IteratorObject<[K, Immutable<V>], undefined>;
  /** With a time to live, every entry is looked at. */
  readonly size: number;
  isEmpty(): boolean;
  clear(): void;
}

/** What was added under the current key, reduced to one value. */
export interface ReducingState<T> {
  /** Nothing if nothing was added. */
  get(): Immutable<T> | undefined;
  add(value: T | Immutable<T>): void;
  clear(): void;
}

/** What was added under the current key, aggregated. */
export interface AggregatingState<I, O> {
  /** Made from the accumulator at each call; nothing if nothing was added. */
  get(): O | undefined;
  add(value: I | Immutable<I>): void;
  clear(): void;
}

export type StateHandle<D> =
  D extends ValueStateDeclaration<infer T>
    ? ValueState<T>
    : D extends ListStateDeclaration<infer T>
      ? ListState<T>
      : D extends MapStateDeclaration<infer K, infer V>
        ? MapState<K, V>
        : D extends ReducingStateDeclaration<infer T>
          ? ReducingState<T>
          : D extends AggregatingStateDeclaration<infer I, infer _A, infer O>
            ? AggregatingState<I, O>
            : never;
export type StateHandles<D extends StateDeclarations> = { readonly [Name in keyof D]: StateHandle<D[Name]> };
