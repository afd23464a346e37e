/** What a job file imports. */
export { WeirError } from './base/errors.ts';
export type { RestartStrategy } from './graph/restart-strategy.ts';
export type { RetentionPolicy } from './graph/retention-policy.ts';
export type { Accumulator, AccumulatorDeclaration } from './stream/accumulators.ts';
export { averageAccumulator, doubleCounter, doubleMaximum, doubleMinimum, histogram, longCounter } from './stream/accumulators.ts';
export type {
  BroadcastContext,
  BroadcastProcessFunction,
  BroadcastStateDeclarations,
  BroadcastStates,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  ReadOnlyBroadcastStates,
  ReadOnlyMapState,
  WithBroadcastState,
} from './stream/connected-functions.ts';
export type {
  BroadcastConnectedStream,
  ConnectedStreams,
  KeyedBroadcastConnectedStream,
  KeyedConnectedStreams,
} from './stream/connected-streams.ts';
export type { BroadcastStream, DataStream, DerivedStream } from './stream/data-stream.ts';
export type { DataStreamSink } from './stream/data-stream-sink.ts';
export type { JobConfiguration, JobDefinition, NoArguments } from './stream/define-job.ts';
export { defineJob } from './stream/define-job.ts';
export type { Environment } from './stream/environment.ts';
export type {
  Collector,
  ElementContext,
  FilterFunction,
  FlatMapFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
  Partitioner,
  ProcessContext,
  ProcessFunction,
  ReduceFunction,
  RuntimeContext,
  TimeDomain,
  TimerContext,
  TimerService,
  WatermarkStrategy,
} from './stream/functions.ts';
export { maxWatermark } from './stream/functions.ts';
export type { KeyedStream } from './stream/keyed-stream.ts';
export type {
  BroadcastMapDeclaration,
  NoOperatorState,
  OperatorListDeclaration,
  OperatorStateDeclaration,
  OperatorStateDeclarations,
  OperatorStates,
  WithOperatorState,
} from './stream/operator-state.ts';
export { broadcastMapState, splitListState, subtaskState, unionListState } from './stream/operator-state.ts';
export type { OutputTag } from './stream/output-tag.ts';
export { outputTag } from './stream/output-tag.ts';
export type { Pulled, PulledSource } from './stream/pulled-source.ts';
export type { RichFilterFunction, RichFlatMapFunction, RichMapFunction } from './stream/rich-functions.ts';
export type { EpochName, Sink, SinkWriter, WriterContext } from './stream/sink.ts';
export type {
  ConnectorContext,
  Enumeration,
  EnumeratorContext,
  ReadBudget,
  Source,
  SplitBatch,
  SplitReader,
} from './stream/source.ts';
export type {
  AggregatingState,
  AggregatingStateDeclaration,
  Immutable,
  ListState,
  ListStateDeclaration,
  MapState,
  MapStateDeclaration,
  ReducingState,
  ReducingStateDeclaration,
  StateDeclaration,
  StateDeclarations,
  StateHandle,
  StateHandles,
  StateOptions,
  StateTtl,
  ValueState,
  ValueStateDeclaration,
} from './stream/state.ts';
export { aggregatingState, listState, mapState, reducingState, valueState } from './stream/state.ts';
export { type TypeDescription, t } from './stream/type-description.ts';
export type { AggregateFunction, ProcessWindowFunction, WindowContext } from './stream/window-functions.ts';
export type { WindowedStream } from './stream/windowed-stream.ts';
export type { GlobalWindow, Trigger, TriggerContext, TriggerResult, Window, WindowAssigner } from './stream/windows.ts';
export { globalWindow } from './stream/windows.ts';
export type { Key } from './values/key.ts';
export type { Portable } from './values/portable.ts';
