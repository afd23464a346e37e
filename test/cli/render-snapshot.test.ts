import { describe, expect, it } from 'vitest';
import { renderRestorePlan } from '../../src/cli/savepoints/render-restore-plan.ts';
import { renderDifference, renderInspection, renderStorage } from '../../src/cli/savepoints/render-snapshot.ts';

const job = 'a'.repeat(32);
const counts = '1'.repeat(32);
const path = 's3://bucket/savepoints/savepoint-aaaaaa-0123456789ab';

describe('what the tools for snapshots print', () => {
  it('inspect: each operator with its states, by vertex, and what a restore would have to know', () => {
    const lines = renderInspection({
      path,
      kind: 'savepoint',
      format: 'native',
      unknown: false,
      version: 2,
      selfContained: false,
      jobId: job,
      jobName: 'words',
      checkpoint: 7,
      attempt: 9,
      stamp: 0,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      drained: false,
      stateEntries: 1_200,
      stateBytes: 4_096,
      metadataBytes: 2_048,
      segments: { count: 3, bytes: 6_144, inRecords: 3, inObjects: 0 },
      operators: [
        {
          operatorId: counts,
          uid: 'counts',
          name: 'KeyedProcess',
          stateful: true,
          states: [{ name: 'count', kind: 'value', entries: 1_200, bytes: 4_096, schemaVersion: 2 }],
          vertexId: counts,
          vertexName: 'counts',
          position: 0,
          parallelism: 2,
          maxParallelism: 128,
        },
      ],
      vertices: [
        {
          vertexId: counts,
          name: 'counts',
          parallelism: 2,
          maxParallelism: 128,
          watermark: null,
          endOfInput: false,
          stateEntries: 1_200,
          stateBytes: 4_096,
          segments: { count: 3, bytes: 6_144 },
          oldestSegment: 4,
        },
      ],
      claims: [
        { jobId: 'b'.repeat(32), mode: 'no_claim', at: 0, holds: true },
        { jobId: 'c'.repeat(32), mode: 'no_claim', at: 0, holds: false },
      ],
      effects: { committables: 2, done: false },
    });
    expect(lines).toEqual([
      path,
      `  native savepoint, checkpoint 7 of job words (${job}), taken 2026-01-02T03:04:05.000Z`,
      '  state: 1,200 entries, 4.0 KiB in 3 segments, 6.0 KiB; metadata 2.0 KiB, version 2',
      '  points to segments of its job; not self-contained',
      '  output listed: 2 committables, not published yet: a restore does it first',
      `  claimed by ${'b'.repeat(32)} (no_claim)`,
      '',
      'counts: parallelism 2, max parallelism 128, 3 segments, 6.0 KiB',
      `  counts "KeyedProcess" (id ${counts})`,
      '    value "count": 1,200 entries, 4.0 KiB, schema version 2',
    ]);
  });

  it('diff: what changed, and what is shared', () => {
    const lines = renderDifference({
      before: { path: 'a', jobId: job, checkpoint: 3, stamp: 0 },
      after: { path: 'b', jobId: job, checkpoint: 5, stamp: 1 },
      operators: [
        {
          operatorId: counts,
          name: 'Map',
          change: 'changed',
          parallelism: [2, 3],
          states: [{ name: 'count', kind: 'value', change: 'changed', entries: [1, 20], bytes: [10, 200], kindAfter: 'list' }],
        },
      ],
      sameOperators: 1,
      segments: { shared: { count: 1, bytes: 10 }, onlyBefore: { count: 0, bytes: 0 }, onlyAfter: { count: 2, bytes: 30 } },
    });
    expect(lines).toEqual([
      `from a: checkpoint 3 of job ${job}`,
      `to   b: checkpoint 5 of job ${job}`,
      '',
      `changed  "Map" (no uid, id ${counts}), parallelism 2 -> 3`,
      '  changed  value -> list "count": 1 -> 20 entries, 10 B -> 200 B',
      '1 operator the same',
      'segments: shared 1 segment, 10 B; only before 0 segments, 0 B; only after 2 segments, 30 B',
    ]);
  });

  it('check: a verdict per operator and state, then warnings and refusals with what to do', () => {
    const operator = { operatorId: counts, uid: 'counts', name: 'counts' };
    const lines = renderRestorePlan('./savepoint', {
      kind: 'refused',
      jobId: job,
      jobName: 'words',
      checkpoint: 7,
      operators: [
        {
          operator,
          vertexId: counts,
          outcome: 'incompatible',
          from: { ...operator, by: 'uid' },
          maxParallelism: { before: 128, now: 256, adopted: false },
          states: [{ name: 'count', kind: 'value', outcome: 'restored', entries: 2, bytes: 20, migrated: { from: 1, to: 2 } }],
        },
      ],
      refusals: [{ rule: 'max-parallelism-changed', message: 'It was 128 and is 256.', advice: 'Set it to 128.' }],
      warnings: [],
      maxParallelisms: {},
    });
    expect(lines).toEqual([
      `./savepoint: checkpoint 7 of job words (${job})`,
      '',
      'incompatible counts, by uid, max parallelism 128 -> 256',
      '  restored     value "count", 2 entries, 20 B, schema version 1 -> 2',
      '',
      'Refused',
      '  It was 128 and is 256.',
      '    Set it to 128.',
      '',
      'A restore would be refused.',
    ]);
  });

  it('gc: each item with who needs it or why it may go, and sums', () => {
    const item = (name: string, bytes: number) => ({ name, bytes, at: { kind: 'object' as const, uri: name }, what: undefined });
    const lines = renderStorage([
      { ...item('s3://b/one', 2_048), verdict: { kind: 'needed', by: ['Savepoint x', 'the latest checkpoint'] } },
      { ...item('s3://b/two', 10), verdict: { kind: 'garbage', why: 'all that referred to it is retired' } },
    ]);
    expect(lines).toEqual([
      'needed     2.0 KiB  s3://b/one: Savepoint x; the latest checkpoint',
      'garbage       10 B  s3://b/two: all that referred to it is retired',
      'needed: 1 item, 2.0 KiB; garbage: 1 item, 10 B; left alone: 0 items, 0 B',
    ]);
  });
});
