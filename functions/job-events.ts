import type { JobObserver } from '../src/checkpoint/job-observer.ts';
import type { JobRecord } from '../src/protocol/job-record.ts';
import type { Manifest } from '../src/protocol/manifest.ts';
import type { AbortReason } from '../src/protocol/transitions.ts';
import { emfLine } from './emf-line.ts';

/**
 * Says what became of attempts in the log, a line each, and as CloudWatch metrics of the deployment. `write` takes one line
 * of JSON for standard output. The lines name a job, never what its records hold.
 */
export function jobEvents(deployment: string, write: (line: string) => void): JobObserver {
  const metrics = (timestamp: number, values: Parameters<typeof emfLine>[0]['values']) =>
    write(emfLine({ timestamp, dimensions: { deployment }, values }));
  return {
    committed(record, manifest) {
      const { statistics } = record;
      if (statistics === undefined) return;
      console.info(
        `checkpoint ${record.latest.checkpoint} completed in ${statistics.durationMs} ms: ${statistics.recordsIn} records in, ${statistics.checkpointBytes} bytes written, state ${statistics.stateBytes} bytes in ${statistics.stateEntries} entries`,
      );
      metrics(statistics.completedAt, {
        CheckpointsCompleted: [1, 'Count'],
        CheckpointDuration: [statistics.durationMs, 'Milliseconds'],
        CheckpointBytes: [statistics.checkpointBytes, 'Bytes'],
        StateBytes: [statistics.stateBytes, 'Bytes'],
        RecordsIn: [statistics.recordsIn, 'Count'],
        RecordsOut: [statistics.recordsOut, 'Count'],
        Backlog: [record.backlog ? 1 : 0, 'Count'],
        ...lagOf(record, manifest),
      });
    },
    aborted(record, reason) {
      console.warn(`an attempt at checkpoint ${record.latest.checkpoint + 1} failed: ${wordsOf(reason)}; the job is ${record.status}`);
      metrics(record.failedAt || record.stamp, {
        CheckpointsFailed: [1, 'Count'],
        Restarts: [reason.kind === 'failed' ? 1 : 0, 'Count'],
        JobsFailed: [record.status === 'FAILED' ? 1 : 0, 'Count'],
      });
    },
  };
}

/** How far event time is behind the clock: of the slowest subtask, of jobs that have watermarks. */
function lagOf({ stamp }: JobRecord, manifest: Manifest): Record<string, readonly [number, 'Milliseconds']> {
  const watermarks = manifest.vertices.flatMap(({ subtasks }) =>
    subtasks.flatMap(({ watermark, idle, endOfInput }) => (watermark === null || idle || endOfInput ? [] : [watermark])),
  );
  return watermarks.length === 0
    ? {}
    : { EventTimeLag: [Math.max(0, stamp - watermarks.reduce((a, b) => Math.min(a, b))), 'Milliseconds'] };
}

function wordsOf(reason: AbortReason): string {
  if (reason.kind === 'failed') return `${reason.failure.code}: ${reason.failure.message}`;
  return reason.kind === 'notReady' ? 'a slot has to load its state first' : 'a slot lost what it was to hand over to itself';
}
