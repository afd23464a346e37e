import type { Key } from '../values/key.ts';
import type { Accumulator, AccumulatorDeclaration } from './accumulators.ts';
import type { NoOperatorState, OperatorStateDeclarations, WithOperatorState } from './operator-state.ts';
import type { SideOutputs } from './output-tag.ts';
import type { Immutable, StateDeclarations, StateHandles } from './state.ts';

/** Where a function's results go. */
export interface Collector<O> {
  /** Emits with the timestamp of the element (or timer) at hand. */
  collect(value: O | Immutable<O>): void;
}

/** The end of event time: Flink's MAX_WATERMARK, as far as a JavaScript number goes. */
export const maxWatermark: number = Number.MAX_SAFE_INTEGER;

/**
 * By which time a timer fires. Event time is that of the watermark; processing time is the epoch's stamp: it stands still
 * within an epoch, and moves on from one to the next.
 */
export type TimeDomain = 'eventTime' | 'processingTime';

export interface TimerService {
  /** After every source's watermark; undefined while there is none. */
  readonly currentWatermark: number | undefined;
  /** The epoch's stamp: the same in all subtasks, and in every replay. */
  readonly currentProcessingTime: number;
  /** `onTimer` is called for the current key when the watermark passes `time`. Setting it twice is setting it once. */
  registerEventTimeTimer(time: number): void;
  deleteEventTimeTimer(time: number): void;
  /**
   * `onTimer` is called for the current key in the first epoch whose stamp is `time` or later, this one if it has come
   * already; an idle job wakes for it. Event-time and processing-time timers of one time are two. Where the input ends,
   * those that are left fire no more, as in Flink.
   */
  registerProcessingTimeTimer(time: number): void;
  deleteProcessingTimeTimer(time: number): void;
}

export interface ElementContext<K, S extends StateDeclarations> extends SideOutputs {
  readonly key: K;
  readonly state: StateHandles<S>;
  readonly timers: TimerService;
  /** The element's event time, or the timer's time; undefined if the stream has no timestamps. */
  readonly timestamp: number | undefined;
}

/** What `onTimer` gets: as for an element, with the timer's time as its timestamp. */
export interface TimerContext<K, S extends StateDeclarations> extends ElementContext<K, S> {
  /** What is emitted has the timer's time as its timestamp in event time, and none in processing time. */
  readonly timeDomain: TimeDomain;
}

/** What `open` gets. */
export interface RuntimeContext {
  readonly operatorName: string;
  readonly subtask: number;
  readonly parallelism: number;
  /**
   * Registers an accumulator of the job, to be put away and added to by the function's methods: `this.late =
   * context.addAccumulator('late', longCounter())`. One of the same name and kind, wherever it is registered, is the same.
   */
  addAccumulator(name: string, declaration: AccumulatorDeclaration): Accumulator;
}

/** The function of `.process(...)` on a keyed stream. A plain object, or an instance of a class of this shape. */
export interface KeyedProcessFunction<I, O, K extends Key, S extends StateDeclarations> {
  readonly state?: S;
  /** Once per subtask and environment, before the first element. Not a place for anything that must happen once. */
  open?(context: RuntimeContext): void;
  onElement(element: Immutable<I>, context: ElementContext<K, S>, out: Collector<O>): void;
  onTimer?(time: number, context: TimerContext<K, S>, out: Collector<O>): void;
  close?(): void;
}

export interface ProcessContext extends SideOutputs {
  /** The element's event time; undefined if the stream has no timestamps. */
  readonly timestamp: number | undefined;
}

/** The function of `.process(...)` on a stream without keys. */
export interface ProcessFunction<I, O, S extends OperatorStateDeclarations = NoOperatorState> {
  readonly operatorState?: S;
  open?(context: RuntimeContext): void;
  onElement(element: Immutable<I>, context: ProcessContext & WithOperatorState<S>, out: Collector<O>): void;
  close?(): void;
}

export type MapFunction<I, O> = (element: Immutable<I>) => O;
export type FilterFunction<I> = (element: Immutable<I>) => boolean;
export type FlatMapFunction<I, O> = (element: Immutable<I>, out: Collector<O>) => void;
export type ReduceFunction<T> = (accumulated: Immutable<T>, element: Immutable<T>) => T | Immutable<T>;
export type KeySelector<I, K extends Key> = (element: Immutable<I>) => K;
/** Which of so many partitions the elements of a key go to: a whole number from 0 to `partitions` - 1. */
export type Partitioner<K extends Key> = (key: K, partitions: number) => number;

/** When elements of a source happened, and how late they may come. */
export interface WatermarkStrategy<T> {
  /** Event time in milliseconds since the epoch. */
  readonly timestamp: (element: Immutable<T>) => number;
  /** The watermark stays this far behind the highest timestamp of a split; default 0. */
  readonly maxOutOfOrdernessMs?: number;
}
