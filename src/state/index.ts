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
export { missedSegments } from './missed-segments.ts';
export { type OpenSegment, openSegment } from './segment-format.ts';
export { createSegmentStore, readSegment, type SegmentStoreOptions } from './segment-store.ts';
export { createSubtaskState, restoreSubtaskState } from './subtask-state.ts';
