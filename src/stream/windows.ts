import type { Key } from '../values/key.ts';
import { maxWatermark } from './functions.ts';

/** A part of a keyed stream that is finite, and is evaluated as a whole. */
export interface Window {
  /** The last millisecond that belongs to it: the timestamp of its results. */
  readonly maxTimestamp: number;
}

/** The one window that has everything. */
export interface GlobalWindow extends Window {
  readonly kind: 'global';
}

/** What becomes of a window now: its results are emitted, its contents are dropped, both, or neither. Flink's TriggerResult. */
export type TriggerResult = 'continue' | 'fire' | 'purge' | 'fireAndPurge';

/** What a trigger may use: timers of the window at hand, for the key at hand. */
export interface TriggerContext {
  registerEventTimeTimer(time: number): void;
  deleteEventTimeTimer(time: number): void;
  registerProcessingTimeTimer(time: number): void;
  deleteProcessingTimeTimer(time: number): void;
}

/** When a window is evaluated. */
export interface Trigger<W extends Window> {
  onElement(element: unknown, timestamp: number | undefined, window: W, context: TriggerContext): TriggerResult;
  onEventTime(time: number, window: W, context: TriggerContext): TriggerResult;
  onProcessingTime(time: number, window: W, context: TriggerContext): TriggerResult;
}

/** Which windows elements belong to, and how state is kept by window. */
export interface WindowAssigner<W extends Window> {
  /** As Flink's class is called: the operator's name. */
  readonly name: string;
  assignWindows(element: unknown, timestamp: number | undefined): readonly W[];
  /** Under which namespace a window's contents and timers are kept; and the window back from it. */
  namespaceOf(window: W): Key;
  windowOf(namespace: Key): W;
  readonly trigger: Trigger<W>;
}

const theGlobalWindow: GlobalWindow = Object.freeze({ kind: 'global', maxTimestamp: maxWatermark });

/** Fires once, when the watermark says that nothing more comes. */
const endOfStreamTrigger: Trigger<GlobalWindow> = Object.freeze({
  onElement(_element: unknown, _timestamp: number | undefined, window: GlobalWindow, context: TriggerContext) {
    context.registerEventTimeTimer(window.maxTimestamp);
    return 'continue' as const;
  },
  onEventTime: (time: number, window: GlobalWindow) => (time === window.maxTimestamp ? ('fire' as const) : ('continue' as const)),
  onProcessingTime: () => 'continue' as const,
});

/**
 * One window per key, with all of its elements, evaluated when the input ends: at the end of a bounded source, or of
 * a drained one. Flink's `GlobalWindows.createWithEndOfStreamTrigger()`.
 *
 * ```ts
 * flights.keyBy('origin').window(globalWindow()).aggregate({ create: () => 0, add: (n) => n + 1, result: (n) => n })
 * ```
 */
export const globalWindow = (): WindowAssigner<GlobalWindow> => ({
  name: 'GlobalWindows',
  assignWindows: () => [theGlobalWindow],
  namespaceOf: () => 0,
  windowOf: () => theGlobalWindow,
  trigger: endOfStreamTrigger,
});
