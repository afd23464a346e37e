import { keyOfInput, lifecycleOf, type OperatorBody } from '../stream/body.ts';
import type { Collector, RuntimeContext, TimerContext } from '../stream/functions.ts';
import type { OperatorStateDeclaration, OperatorStateDeclarations, OperatorStates } from '../stream/operator-state.ts';
import type { SideOutputs } from '../stream/output-tag.ts';
import type { ListState, MapState, StateDeclarations, ValueState } from '../stream/state.ts';
import { canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { dropExpired, emptyValues, handlesOf, listHandle, mapHandle, type ReferenceValues } from './reference-state.ts';
import { type ReferenceTimer, ReferenceTimers } from './reference-timers.ts';
import { referenceWindow } from './reference-window.ts';

/** Without a tag to the main output. */
export type Emit = (value: unknown, timestamp: number | undefined, sideOutput?: string) => void;

/** All that an operator keeps. */
export interface ReferenceState {
  /** Keyed state, by its name. */
  readonly values: ReadonlyMap<string, ReferenceValues>;
  /** By name: the entries of broadcast state, in their order. */
  readonly broadcast: ReadonlyMap<string, readonly (readonly [Key, unknown])[]>;
  /** By name: the items of operator state. */
  readonly lists: ReadonlyMap<string, readonly unknown[]>;
  readonly timers: readonly ReferenceTimer[];
  readonly processingTimers: readonly ReferenceTimer[];
  /** What is kept by key under this namespace. */
  readonly namespaced?: Pick<ReferenceState, 'values' | 'timers'> & { readonly namespace: Key };
}

const noState: ReferenceState = { values: new Map(), broadcast: new Map(), lists: new Map(), timers: [], processingTimers: [] };

export interface ReferenceOperatorOptions {
  readonly runtime: RuntimeContext;
  /** Takes what a sink is given. */
  collect(value: unknown): void;
}

export interface ReferenceOperator {
  readonly state?: ReferenceState;
  /** An epoch begins: what has expired by its stamp is gone. */
  begin(stamp: number): void;
  element(value: unknown, timestamp: number | undefined, emit: Emit, input: 0 | 1): void;
  watermark(watermark: number, emit: Emit): void;
  processingTime(stamp: number, emit: Emit): void;
}

type BodyOf<Kind extends OperatorBody['kind']> = Extract<OperatorBody, { kind: Kind }>;
type KeyedBody = BodyOf<'keyedProcess' | 'keyedCoProcess' | 'keyedBroadcastProcess'>;

const nothingToDo = () => undefined;
const stateless = (element: ReferenceOperator['element']): ReferenceOperator => ({
  begin: nothingToDo,
  element,
  watermark: nothingToDo,
  processingTime: nothingToDo,
});

/** What an operator does, or one subtask of it, in the plainest words. */
export function referenceOperator(body: OperatorBody, { runtime, collect }: ReferenceOperatorOptions): ReferenceOperator {
  const lifecycle = lifecycleOf(body);
  lifecycle?.open?.(runtime);
  if (lifecycle?.operatorState === undefined) return plainOperator(body, collect, {});
  const declared = Object.entries(lifecycle.operatorState);
  const lists = new OperatorLists(declared.filter(([, { kind }]) => kind !== 'broadcastMap').map(([name, { kind }]) => ({ name, kind })));
  const maps = new BroadcastMaps(declared.filter(([, { kind }]) => kind === 'broadcastMap').map(([name]) => name));
  const state: ReferenceState = {
    ...noState,
    get lists() {
      return lists.items;
    },
    get broadcast() {
      return maps.entries;
    },
  };
  return { ...plainOperator(body, collect, { ...lists.handles, ...maps.handles }), state };
}

function plainOperator(body: OperatorBody, collect: ReferenceOperatorOptions['collect'], operatorState: object): ReferenceOperator {
  const given = { operatorState: operatorState as OperatorStates<OperatorStateDeclarations> };
  switch (body.kind) {
    case 'source':
      return stateless(nothingToDo);
    case 'map':
      return stateless((value, timestamp, emit) =>
        emit(typeof body.map === 'function' ? body.map(value as never) : body.map.map(value as never, given), timestamp),
      );
    case 'filter':
      return stateless((value, timestamp, emit) => {
        if (typeof body.filter === 'function' ? body.filter(value as never) : body.filter.filter(value as never, given))
          emit(value, timestamp);
      });
    case 'flatMap':
      return stateless((value, timestamp, emit) => {
        if (typeof body.flatMap === 'function') body.flatMap(value as never, collector(emit, timestamp));
        else body.flatMap.flatMap(value as never, collector(emit, timestamp), given);
      });
    case 'process':
      return stateless((value, timestamp, emit) =>
        body.process.onElement(value as never, { timestamp, ...given, ...sideOutputs(emit, timestamp) }, collector(emit, timestamp)),
      );
    case 'coProcess':
      return stateless((value, timestamp, emit, input) => {
        const context = { timestamp, ...sideOutputs(emit, timestamp) };
        if (input === 0) body.process.onElement1(value as never, context, collector(emit, timestamp));
        else body.process.onElement2(value as never, context, collector(emit, timestamp));
      });
    case 'reduce':
      return reduceOperator(body);
    case 'window':
      return referenceWindow(body);
    case 'broadcastProcess':
      return broadcastOperator(body);
    case 'keyedProcess':
    case 'keyedCoProcess':
    case 'keyedBroadcastProcess':
      return keyedOperator(body);
    case 'sink':
      return stateless((value) => collect(value));
  }
}

const collector = (emit: Emit, timestamp: number | undefined): Collector<unknown> => ({ collect: (value) => emit(value, timestamp) });
const sideOutputs = (emit: Emit, timestamp: number | undefined): SideOutputs => ({
  output: (tag, value) => emit(value, timestamp, tag.id),
});

/** The operator state of one subtask, or of all where one stands for all. */
class OperatorLists {
  readonly handles: { readonly [name: string]: ListState<unknown> | ValueState<unknown> };
  readonly #lists: ReadonlyMap<string, ListState<unknown>>;

  constructor(declared: readonly { readonly name: string; readonly kind: OperatorStateDeclaration['kind'] }[]) {
    const handleOf = () => {
      let list: unknown;
      const set = (values: unknown) => {
        list = values;
      };
      return listHandle({ get: () => list, set, clear: () => set(undefined) });
    };
    this.#lists = new Map(declared.map(({ name }) => [name, handleOf()]));
    const handles = declared.map(({ name, kind }) => [name, kind === 'subtask' ? onlyOf(this.#lists.get(name)!) : this.#lists.get(name)!]);
    this.handles = Object.fromEntries(handles);
  }

  get items(): ReadonlyMap<string, readonly unknown[]> {
    return new Map([...this.#lists].map(([name, list]) => [name, list.get()]));
  }
}

/** One value, as a list of none or one. */
const onlyOf = (list: ListState<unknown>): ValueState<unknown> => ({
  value: () => list.get()[0],
  update: (value) => list.update([value]),
  clear: () => list.clear(),
});

function reduceOperator(body: BodyOf<'reduce'>): ReferenceOperator {
  const reduced: ReferenceValues = { declaration: undefined, byKey: new Map(), times: new Map() };
  const operator = stateless((value, timestamp, emit) => {
    const key = body.key(value as never);
    const canonical = canonicalKey(key);
    const before = reduced.byKey.get(canonical);
    const after = before === undefined ? value : body.reduce(before.value as never, value as never);
    reduced.byKey.set(canonical, { key, value: after });
    emit(after, timestamp);
  });
  return { ...operator, state: { ...noState, values: new Map([['_reduce', reduced]]) } };
}

function broadcastOperator({ process }: BodyOf<'broadcastProcess'>): ReferenceOperator {
  const broadcast = new BroadcastMaps(Object.keys(process.broadcastState ?? {}));
  const operator = stateless((value, timestamp, emit, input) => {
    const context = { timestamp, broadcastState: broadcast.handles, ...sideOutputs(emit, timestamp) };
    if (input === 0) process.onElement(value as never, context, collector(emit, timestamp));
    else process.onBroadcast(value as never, context, collector(emit, timestamp));
  });
  return {
    ...operator,
    state: {
      ...noState,
      get broadcast() {
        return broadcast.entries;
      },
    },
  };
}

function keyedOperator(body: KeyedBody): ReferenceOperator {
  const values = emptyValues(body.process.state ?? {});
  const broadcast = new BroadcastMaps(Object.keys(('broadcastState' in body.process ? body.process.broadcastState : undefined) ?? {}));
  const timers = new ReferenceTimers();
  let now = 0;

  const contextOf = (key: Key, timestamp: number | undefined, emit: Emit): KeyedContext => ({
    key,
    timestamp,
    timeDomain: 'eventTime',
    state: handlesOf(values, key, now),
    broadcastState: broadcast.handles,
    timers: timers.serviceOf(key),
    ...sideOutputs(emit, timestamp),
  });
  timers.fire = ({ time, key }, timeDomain, emit) => {
    const timestamp = timeDomain === 'eventTime' ? time : undefined;
    const context = { ...contextOf(key, time, emit), timeDomain, ...sideOutputs(emit, timestamp) };
    body.process.onTimer?.(time, context, collector(emit, timestamp));
  };
  return {
    begin(stamp) {
      now = stamp;
      for (const each of values.values()) dropExpired(each, stamp);
    },
    state: {
      values,
      lists: new Map(),
      get broadcast() {
        return broadcast.entries;
      },
      get timers() {
        return timers.eventTime;
      },
      get processingTimers() {
        return timers.processingTime;
      },
    },
    element(value, timestamp, emit, input) {
      const key = keyOfInput(body, input)?.(value as never);
      if (key === undefined && body.kind === 'keyedBroadcastProcess') {
        const context = { timestamp, broadcastState: broadcast.handles, ...sideOutputs(emit, timestamp) };
        body.process.onBroadcast(value as never, context, collector(emit, timestamp));
      } else onElement(body, input)(value as never, contextOf(key!, timestamp, emit), collector(emit, timestamp));
    },
    watermark: (watermark, emit) => timers.advance(watermark, emit),
    processingTime: (stamp, emit) => timers.advanceProcessingTime(stamp, emit),
  };
}

type KeyedContext = TimerContext<Key, StateDeclarations> & { readonly broadcastState: BroadcastMaps['handles'] };

function onElement(body: KeyedBody, input: 0 | 1): (value: never, context: KeyedContext, out: Collector<unknown>) => void {
  const { process } = body;
  if ('onElement' in process) return (value, context, out) => process.onElement(value, context, out);
  return (value, context, out) => (input === 0 ? process.onElement1(value, context, out) : process.onElement2(value, context, out));
}

/** One copy of broadcast state stands for those of all subtasks. */
class BroadcastMaps {
  readonly handles: { readonly [name: string]: MapState<unknown, unknown> };
  readonly #cells = new Map<string, unknown>();

  constructor(names: readonly string[]) {
    const cells = this.#cells;
    const handleOf = (name: string) =>
      mapHandle({ get: () => cells.get(name), set: (value) => void cells.set(name, value), clear: () => void cells.delete(name) });
    this.handles = Object.fromEntries(names.map((name) => [name, handleOf(name) as MapState<unknown, unknown>]));
  }

  get entries(): ReadonlyMap<string, readonly (readonly [Key, unknown])[]> {
    return new Map(Object.entries(this.handles).map(([name, handle]) => [name, [...(handle as MapState<Key, unknown>).entries()]]));
  }
}
