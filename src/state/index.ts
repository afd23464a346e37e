export type {
  CopyName,
  EncodedSegment,
  KeyedState,
  LoadedSegment,
  NamespacedState,
  OperatorState,
  SegmentStore,
  SubtaskState,
  SubtaskStateOptions,
  TimerQueue,
} from './api.ts';
export { migrationOf } from './migration.ts';
export { missedSegments } from './missed-segments.ts';
export { type OpenSegment, openSegment } from './segment-format.ts';
export { operatorValuesIn, type StoredOperatorValues } from './segment-reader.ts';
export { createSegmentStore, readSegment, type SegmentStoreOptions } from './segment-store.ts';
export { noSchemas, type StateSchema, type StateSchemas } from './state-schema.ts';
export { createSubtaskState, restoreSubtaskState } from './subtask-state.ts';
