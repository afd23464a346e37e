import type { Key } from '../values/key.ts';
import type {
  BroadcastProcessFunction,
  BroadcastStateDeclarations,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
} from './connected-functions.ts';
import type {
  FilterFunction,
  FlatMapFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
  ProcessFunction,
  ReduceFunction,
  RuntimeContext,
  WatermarkStrategy,
} from './functions.ts';
import type { OperatorStateDeclarations } from './operator-state.ts';
import type { RichFilterFunction, RichFlatMapFunction, RichMapFunction } from './rich-functions.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { AggregatingStateDeclaration, ListStateDeclaration, ReducingStateDeclaration, StateDeclarations } from './state.ts';
import type { ProcessWindowFunction } from './window-functions.ts';
import type { Window, WindowAssigner } from './windows.ts';

/**
 * The user's code of one stream node. The graph says what is connected and is plain data; bodies stand beside it, by
 * node number, and are what the runtime makes operators of. Types end here: the API has checked them.
 */
export type OperatorBody =
  | { readonly kind: 'source'; readonly source: Source<unknown>; readonly watermarks: WatermarkStrategy<unknown> | undefined }
  | { readonly kind: 'map'; readonly map: MapFunction<unknown, unknown> | RichMapFunction<unknown, unknown, OperatorStateDeclarations> }
  | {
      readonly kind: 'flatMap';
      readonly flatMap: FlatMapFunction<unknown, unknown> | RichFlatMapFunction<unknown, unknown, OperatorStateDeclarations>;
    }
  | { readonly kind: 'filter'; readonly filter: FilterFunction<unknown> | RichFilterFunction<unknown, OperatorStateDeclarations> }
  | { readonly kind: 'process'; readonly process: ProcessFunction<unknown, unknown, OperatorStateDeclarations> }
  | { readonly kind: 'reduce'; readonly key: KeySelector<unknown, Key>; readonly reduce: ReduceFunction<unknown> }
  | {
      readonly kind: 'keyedProcess';
      readonly key: KeySelector<unknown, Key>;
      readonly process: KeyedProcessFunction<unknown, unknown, Key, StateDeclarations>;
    }
  | {
      readonly kind: 'window';
      readonly key: KeySelector<unknown, Key>;
      readonly assigner: WindowAssigner<Window>;
      /** What is kept of a window's elements: all, or what they are reduced or aggregated to. */
      readonly contents:
        | ListStateDeclaration<unknown>
        | ReducingStateDeclaration<unknown>
        | AggregatingStateDeclaration<unknown, unknown, unknown>;
      /** Left out: what was kept is the result. */
      readonly process: ProcessWindowFunction<unknown, unknown, Key, Window, StateDeclarations, StateDeclarations> | undefined;
    }
  | { readonly kind: 'coProcess'; readonly process: CoProcessFunction<unknown, unknown, unknown> }
  | {
      readonly kind: 'keyedCoProcess';
      /** By input. */
      readonly keys: readonly [KeySelector<unknown, Key>, KeySelector<unknown, Key>];
      readonly process: KeyedCoProcessFunction<unknown, unknown, unknown, Key, StateDeclarations>;
    }
  | {
      readonly kind: 'broadcastProcess';
      readonly process: BroadcastProcessFunction<unknown, unknown, unknown, BroadcastStateDeclarations>;
    }
  | {
      readonly kind: 'keyedBroadcastProcess';
      readonly key: KeySelector<unknown, Key>;
      readonly process: KeyedBroadcastProcessFunction<unknown, unknown, unknown, Key, StateDeclarations, BroadcastStateDeclarations>;
    }
  | { readonly kind: 'sink'; readonly sink: Sink<unknown> };

/** What a function may have besides its method. */
export interface FunctionLifecycle {
  readonly operatorState?: OperatorStateDeclarations;
  open?(context: RuntimeContext): void;
  close?(): void;
}

/** The function of a body, where it is an object. */
export function lifecycleOf(body: OperatorBody): FunctionLifecycle | undefined {
  switch (body.kind) {
    case 'map':
      return typeof body.map === 'function' ? undefined : body.map;
    case 'flatMap':
      return typeof body.flatMap === 'function' ? undefined : body.flatMap;
    case 'filter':
      return typeof body.filter === 'function' ? undefined : body.filter;
    case 'source':
    case 'reduce':
    case 'sink':
      return undefined;
    default:
      return body.process;
  }
}

/** How the records of one of an operator's inputs are keyed; nothing where they are not. */
export function keyOfInput(body: OperatorBody, input: 0 | 1): KeySelector<unknown, Key> | undefined {
  switch (body.kind) {
    case 'reduce':
    case 'window':
    case 'keyedProcess':
      return body.key;
    case 'keyedCoProcess':
      return body.keys[input];
    case 'keyedBroadcastProcess':
      return input === 0 ? body.key : undefined;
    default:
      return undefined;
  }
}

/** Which of the target's subtasks an element goes to. */
export type EdgePartitioner = (element: unknown, partitions: number) => number;

/** By `StreamNode.node`, then by its inputs: the user's code of custom partitioning. */
export type Partitioners = readonly (readonly (EdgePartitioner | undefined)[])[];
