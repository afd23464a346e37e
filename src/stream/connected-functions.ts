import type { Key } from '../values/key.ts';
import type { Collector, ElementContext, ProcessContext, RuntimeContext, TimerContext } from './functions.ts';
import type { Immutable, MapState, MapStateDeclaration, StateDeclarations } from './state.ts';

/** Two streams, one function: the elements of each come to a method of their own. Flink's CoProcessFunction. */
export interface CoProcessFunction<A, B, O> {
  open?(context: RuntimeContext): void;
  /** An element of the stream that `connect` was called on. */
  onElement1(element: Immutable<A>, context: ProcessContext, out: Collector<O>): void;
  /** An element of the other. */
  onElement2(element: Immutable<B>, context: ProcessContext, out: Collector<O>): void;
  close?(): void;
}

/** The same on two keyed streams: elements of equal key meet in the same state. Flink's KeyedCoProcessFunction. */
export interface KeyedCoProcessFunction<A, B, O, K extends Key, S extends StateDeclarations> {
  readonly state?: S;
  open?(context: RuntimeContext): void;
  onElement1(element: Immutable<A>, context: ElementContext<K, S>, out: Collector<O>): void;
  onElement2(element: Immutable<B>, context: ElementContext<K, S>, out: Collector<O>): void;
  onTimer?(time: number, context: TimerContext<K, S>, out: Collector<O>): void;
  close?(): void;
}

/**
 * State that every subtask has a copy of, made of what is broadcast: maps, whole in memory and stored whole when they
 * changed, so for thousands of entries and not for millions.
 */
export type BroadcastStateDeclarations = { readonly [name: string]: MapStateDeclaration<unknown, unknown> };

/** A map that can only be read. */
export type ReadOnlyMapState<K, V> = Pick<
  MapState<K, V>,
  'get' | 'has' | 'entries' | 'keys' | 'values' | 'size' | 'isEmpty' | typeof Symbol.iterator
>;

type MapOf<D, Writable> =
  D extends MapStateDeclaration<infer K, infer V> ? (Writable extends true ? MapState<K, V> : ReadOnlyMapState<K, V>) : never;
export type BroadcastStates<B extends BroadcastStateDeclarations> = { readonly [Name in keyof B]: MapOf<B[Name], true> };
export type ReadOnlyBroadcastStates<B extends BroadcastStateDeclarations> = { readonly [Name in keyof B]: MapOf<B[Name], false> };

/** What `onBroadcast` gets. Every subtask gets every broadcast element and must do the same with it, so no key is at hand. */
export interface BroadcastContext<B extends BroadcastStateDeclarations> extends ProcessContext {
  readonly broadcastState: BroadcastStates<B>;
}

/** What the elements beside a broadcast stream get of its state: to read, since what one subtask wrote others would lack. */
export interface WithBroadcastState<B extends BroadcastStateDeclarations> {
  readonly broadcastState: ReadOnlyBroadcastStates<B>;
}

/** A stream beside a broadcast one. Flink's BroadcastProcessFunction. */
export interface BroadcastProcessFunction<A, R, O, B extends BroadcastStateDeclarations> {
  readonly broadcastState?: B;
  open?(context: RuntimeContext): void;
  onElement(element: Immutable<A>, context: ProcessContext & WithBroadcastState<B>, out: Collector<O>): void;
  /** A broadcast element. What it emits comes once from each subtask. */
  onBroadcast(element: Immutable<R>, context: BroadcastContext<B>, out: Collector<O>): void;
  close?(): void;
}

/** A keyed stream beside a broadcast one. Flink's KeyedBroadcastProcessFunction. */
export interface KeyedBroadcastProcessFunction<A, R, O, K extends Key, S extends StateDeclarations, B extends BroadcastStateDeclarations> {
  readonly state?: S;
  readonly broadcastState?: B;
  open?(context: RuntimeContext): void;
  onElement(element: Immutable<A>, context: ElementContext<K, S> & WithBroadcastState<B>, out: Collector<O>): void;
  /** A broadcast element. What it emits comes once from each subtask. */
  onBroadcast(element: Immutable<R>, context: BroadcastContext<B>, out: Collector<O>): void;
  onTimer?(time: number, context: TimerContext<K, S> & WithBroadcastState<B>, out: Collector<O>): void;
  close?(): void;
}
