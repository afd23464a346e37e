import type { Key } from '../values/key.ts';
import type { OperatorBody } from './body.ts';
import { checkStateDeclarations } from './check-state-declarations.ts';
import type {
  BroadcastProcessFunction,
  BroadcastStateDeclarations,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
} from './connected-functions.ts';
import type { DataStream } from './data-stream.ts';
import type { KeySelector } from './functions.ts';
import type { MapStateDeclaration, StateDeclaration, StateDeclarations } from './state.ts';
import { keyedStateNames } from './state-names.ts';

type BodyOf<Kind extends OperatorBody['kind']> = Extract<OperatorBody, { kind: Kind }>;

/** Adds the operator that reads both streams. */
export type AddConnected = <O>(name: string, body: OperatorBody, stateNames: readonly string[]) => DataStream<O>;

/** Two streams that one function reads. Made by `connect`. */
export class ConnectedStreams<A, B> {
  readonly #add: AddConnected;

  constructor(add: AddConnected) {
    this.#add = add;
  }

  process<O = never>(process: CoProcessFunction<A, B, O>): DataStream<O> {
    return this.#add('Co-Process', { kind: 'coProcess', process: process as BodyOf<'coProcess'>['process'] }, []);
  }
}

/** Two keyed streams that one function reads; their keys are of one type, and equal ones meet. */
export class KeyedConnectedStreams<A, B, K extends Key> {
  readonly #keys: readonly [KeySelector<unknown, Key>, KeySelector<unknown, Key>];
  readonly #add: AddConnected;

  constructor(keys: readonly [KeySelector<unknown, Key>, KeySelector<unknown, Key>], add: AddConnected) {
    this.#keys = keys;
    this.#add = add;
  }

  process<O = never, S extends StateDeclarations = Record<never, StateDeclaration>>(
    process: KeyedCoProcessFunction<A, B, O, K, S>,
  ): DataStream<O> {
    checkStateDeclarations(process.state ?? {});
    const body = { kind: 'keyedCoProcess' as const, keys: this.#keys, process: process as unknown as BodyOf<'keyedCoProcess'>['process'] };
    return this.#add('Co-Keyed-Process', body, keyedStateNames(process));
  }
}

/** A stream and a broadcast one. */
export class BroadcastConnectedStream<A, R> {
  readonly #add: AddConnected;

  constructor(add: AddConnected) {
    this.#add = add;
  }

  process<O = never, B extends BroadcastStateDeclarations = Record<never, MapStateDeclaration<unknown, unknown>>>(
    process: BroadcastProcessFunction<A, R, O, B>,
  ): DataStream<O> {
    checkStateDeclarations({}, process.broadcastState);
    const body = { kind: 'broadcastProcess' as const, process: process as unknown as BodyOf<'broadcastProcess'>['process'] };
    return this.#add('Co-Process-Broadcast', body, Object.keys(process.broadcastState ?? {}));
  }
}

/** A keyed stream and a broadcast one. */
export class KeyedBroadcastConnectedStream<A, R, K extends Key> {
  readonly #key: KeySelector<unknown, Key>;
  readonly #add: AddConnected;

  constructor(key: KeySelector<unknown, Key>, add: AddConnected) {
    this.#key = key;
    this.#add = add;
  }

  process<
    O = never,
    S extends StateDeclarations = Record<never, StateDeclaration>,
    B extends BroadcastStateDeclarations = Record<never, MapStateDeclaration<unknown, unknown>>,
  >(process: KeyedBroadcastProcessFunction<A, R, O, K, S, B>): DataStream<O> {
    checkStateDeclarations(process.state ?? {}, process.broadcastState);
    const body = {
      kind: 'keyedBroadcastProcess' as const,
      key: this.#key,
      process: process as unknown as BodyOf<'keyedBroadcastProcess'>['process'],
    };
    return this.#add('Co-Process-Broadcast-Keyed', body, [...keyedStateNames(process), ...Object.keys(process.broadcastState ?? {})]);
  }
}
