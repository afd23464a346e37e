// Catches: metrics that CloudWatch drops without a word, dimensions that multiply what they cost, records' contents in a log.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jobEvents } from '../../functions/job-events.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';

const statistics = {
  completedAt: 1_700_000_000_000,
  durationMs: 120,
  recordsIn: 5,
  recordsOut: 2,
  skipped: 0,
  checkpointBytes: 10,
  stateBytes: 20,
  stateEntries: 1,
};
const record: JobRecord = {
  ...newJobRecord({ jobId: 'a'.repeat(32), name: 'job', submittedAt: 1 } as JobDescription),
  statistics,
  stamp: 10_000,
  latest: { checkpoint: 7, attempt: 9 },
};
const subtask = (watermark: number | null, idle = false) => ({ watermark, idle, endOfInput: false });
const manifest = (...subtasks: readonly object[]): Manifest => ({ vertices: [{ subtasks }] }) as unknown as Manifest;

let said: string[] = [];
beforeEach(() => {
  said = [];
  for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockImplementation((text: string) => void said.push(text));
});
afterEach(() => vi.restoreAllMocks());

interface Emf {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly [
      { readonly Namespace: string; readonly Dimensions: string[][]; readonly Metrics: { readonly Name: string; readonly Unit: string }[] },
    ];
  };
  readonly [name: string]: unknown;
}

function linesOf(tell: (events: ReturnType<typeof jobEvents>) => void): Emf[] {
  const lines: string[] = [];
  tell(jobEvents('flights', (line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line) as Emf);
}

it('a completed checkpoint is one line of metrics with one dimension, each metric with a value', () => {
  const [line, ...more] = linesOf((events) => events.committed(record, manifest(subtask(9_000), subtask(7_500))));
  expect(more).toEqual([]);
  const [directive] = line!._aws.CloudWatchMetrics;
  expect(directive.Namespace).toBe('Weir');
  expect(directive.Dimensions).toEqual([['deployment']]);
  expect(line!['deployment']).toBe('flights');
  for (const { Name } of directive.Metrics) expect(typeof line![Name], Name).toBe('number');
  expect(line).toMatchObject({ CheckpointsCompleted: 1, CheckpointDuration: 120, RecordsIn: 5, EventTimeLag: 2_500 });
  expect(said.join('\n')).toContain('checkpoint 7 completed in 120 ms');
});

it('a job without event time has no lag, and subtasks without input count for none', () => {
  const [line] = linesOf((events) => events.committed(record, manifest(subtask(null), subtask(3, true))));
  expect(line).not.toHaveProperty('EventTimeLag');
});

it('a failed attempt is counted with its restart, and the log names the code', () => {
  const failure = { code: 'SINK_FAILED', domain: 'external' as const, message: 'Sink "x" failed.' };
  const [line] = linesOf((events) => events.aborted({ ...record, failedAt: 5 }, { kind: 'failed', failure }));
  expect(line).toMatchObject({ CheckpointsFailed: 1, Restarts: 1, JobsFailed: 0 });
  expect(said.join('\n')).toContain('an attempt at checkpoint 8 failed: SINK_FAILED');
});

it('an attempt that only has to load state first is no restart', () => {
  const [line] = linesOf((events) => events.aborted(record, { kind: 'notReady' }));
  expect(line).toMatchObject({ CheckpointsFailed: 1, Restarts: 0 });
});
