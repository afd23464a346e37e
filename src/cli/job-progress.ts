/** Pure: what changed in a job between two looks at it, and how that reads as a line. */
import type { JobDetails } from '../control-api/replies.ts';
import { bytes, count, duration, plural } from './units.ts';

export type ProgressEvent =
  | {
      readonly event: 'checkpoint';
      readonly checkpoint: number;
      readonly recordsIn: number;
      /** Over the time since the checkpoint seen before; undefined for the first. */
      readonly recordsPerSecond?: number;
      readonly durationMs: number;
      readonly checkpointBytes: number;
      readonly stateBytes: number;
      readonly stateEntries: number;
      readonly skipped: number;
      readonly restarts: number;
    }
  | { readonly event: 'restart'; readonly afterCheckpoint: number; readonly restarts: number; readonly message?: string }
  | { readonly event: 'generation'; readonly generation: number; readonly afterCheckpoint: number }
  | {
      readonly event: 'ended';
      readonly state: JobDetails['state'];
      readonly durationMs: number;
      readonly recordsIn: number;
      readonly recordsOut: number;
      readonly skipped: number;
      readonly checkpoints: number;
      readonly restarts: number;
    };

/** What happened between two looks; `before` is missing at the first. Checkpoints in between that nobody looked at are passed over. */
export function progressBetween(before: JobDetails | undefined, now: JobDetails): readonly ProgressEvent[] {
  const events: ProgressEvent[] = [];
  const { totals } = now.weir;
  if (before !== undefined && totals.restarts > before.weir.totals.restarts) {
    const message = now.weir.cause?.message;
    events.push({
      event: 'restart',
      afterCheckpoint: before.weir.checkpoint,
      restarts: totals.restarts,
      ...(message === undefined ? {} : { message }),
    });
  }
  if (before !== undefined && before.weir.generation > 0 && now.weir.generation > before.weir.generation) {
    events.push({ event: 'generation', generation: now.weir.generation, afterCheckpoint: before.weir.checkpoint });
  }
  const checkpoint = checkpointEvent(before, now);
  if (checkpoint !== undefined) events.push(checkpoint);
  if (now['end-time'] !== -1) {
    events.push({
      event: 'ended',
      state: now.state,
      durationMs: now.duration,
      recordsIn: totals.recordsIn,
      recordsOut: totals.recordsOut,
      skipped: totals.skipped,
      checkpoints: totals.checkpointsCompleted,
      restarts: totals.restarts,
    });
  }
  return events;
}

function checkpointEvent(before: JobDetails | undefined, { weir }: JobDetails): ProgressEvent | undefined {
  const { statistics, totals } = weir;
  if (statistics === undefined || weir.checkpoint === (before?.weir.checkpoint ?? 0)) return undefined;
  const elapsedMs = statistics.completedAt - (before?.weir.statistics?.completedAt ?? Number.NaN);
  const read = totals.recordsIn - (before?.weir.totals.recordsIn ?? 0);
  return {
    event: 'checkpoint',
    checkpoint: weir.checkpoint,
    recordsIn: totals.recordsIn,
    ...(elapsedMs > 0 ? { recordsPerSecond: Math.round((read * 1_000) / elapsedMs) } : {}),
    durationMs: statistics.durationMs,
    checkpointBytes: statistics.checkpointBytes,
    stateBytes: statistics.stateBytes,
    stateEntries: statistics.stateEntries,
    skipped: totals.skipped,
    restarts: totals.restarts,
  };
}

/** One line, without colour. */
export function progressLine(event: ProgressEvent, subject: { readonly jobId: string; readonly name: string }): string {
  switch (event.event) {
    case 'checkpoint':
      return [
        `epoch ${event.checkpoint}`,
        `${plural(event.recordsIn, 'record')} in${event.recordsPerSecond === undefined ? '' : `, ${count(event.recordsPerSecond)}/s`}`,
        `checkpoint ${duration(event.durationMs)}, ${bytes(event.checkpointBytes)}`,
        `state ${bytes(event.stateBytes)} in ${plural(event.stateEntries, 'entry', 'entries')}`,
        ...(event.skipped > 0 ? [`${count(event.skipped)} skipped`] : []),
        ...(event.restarts > 0 ? [plural(event.restarts, 'restart')] : []),
      ].join(' | ');
    case 'restart':
      return `failed after checkpoint ${event.afterCheckpoint}, going on from it${event.message === undefined ? '' : `: ${event.message}`}`;
    case 'generation':
      return `driver ${event.generation} takes over after checkpoint ${event.afterCheckpoint}`;
    case 'ended':
      return `Job ${subject.name} (${subject.jobId}) is ${event.state} after ${duration(event.durationMs)}: ${plural(event.recordsIn, 'record')} in, ${count(event.recordsOut)} out, ${plural(event.checkpoints, 'checkpoint')}, ${plural(event.restarts, 'restart')}${event.skipped > 0 ? `, ${count(event.skipped)} skipped` : ''}.`;
  }
}
