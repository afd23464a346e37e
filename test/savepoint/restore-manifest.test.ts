// Catches: key groups, operator state, positions or output that a restore leaves behind, gives to two, or gives to the wrong one.
import { describe, expect, it } from 'vitest';
import type { JobGraph } from '../../src/graph/job-graph.ts';
import { keyGroupRangeOf } from '../../src/graph/key-groups.ts';
import { splitListState, unionListState, valueState } from '../../src/index.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { decodeManifest, encodeManifest } from '../../src/protocol/manifest-codec.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { planRestore } from '../../src/savepoint/plan-restore.ts';
import { restoreManifest } from '../../src/savepoint/restore-manifest.ts';
import type { Environment } from '../../src/stream/environment.ts';
import { recordsOf, sinkOf } from '../stream/sources-and-sinks.ts';
import { graphOf, metadataOf } from './metadata.ts';

interface Options {
  readonly owns?: (ref: SegmentRef) => boolean;
  readonly repeatEffects?: boolean;
  readonly allowNonRestoredState?: boolean;
}

const jobId = 'e'.repeat(32);

function restored(metadata: Manifest, graph: JobGraph, options: Options = {}): Manifest {
  const { owns = () => false, repeatEffects = true, allowNonRestoredState = false } = options;
  const plan = planRestore(metadata, graph, { allowNonRestoredState });
  expect(plan.refusals).toEqual([]);
  const manifest = restoreManifest(metadata, plan, graph, { jobId, jobName: 'again', owns, repeatEffects });
  expect(decodeManifest(encodeManifest(manifest).bytes)).toEqual(manifest);
  return manifest;
}

const numbers = (env: Environment) => env.fromSource(recordsOf<number>([1])).uid('in');
const counting = (parallelism: number, maxParallelism = 128, uid = 'counts', uidHash?: string) =>
  graphOf((env) => {
    const counts = numbers(env)
      .keyBy((n) => n)
      .process({ state: { count: valueState<number>() }, onElement: () => undefined })
      .uid(uid)
      .setParallelism(parallelism)
      .setMaxParallelism(maxParallelism);
    if (uidHash !== undefined) counts.setUidHash(uidHash);
    void counts.sinkTo(sinkOf()).uid('out').setParallelism(1);
  });

/** in, with a list that is kept behind it, in one chain or in two. */
const listing = (cut: boolean, parallelism: number, list: typeof splitListState | typeof unionListState = splitListState) =>
  graphOf((env) => {
    const seen = numbers(env)
      .setParallelism(parallelism)
      .map({ operatorState: { seen: list<number>() }, map: (n: number) => n })
      .uid('seen')
      .setParallelism(parallelism);
    if (cut) seen.startNewChain();
    void seen.sinkTo(sinkOf()).uid('out').setParallelism(1);
  });

const keyedOf = (manifest: Manifest) => manifest.vertices[1]!.subtasks.map(({ segments }) => segments);
const groupsOf = (refs: readonly SegmentRef[]) =>
  refs.flatMap(({ keyGroups }) => keyGroups.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));

describe('key groups', () => {
  it.each([
    [
      13,
      4,
      [
        [0, 3],
        [4, 6],
        [7, 9],
        [10, 12],
      ],
    ],
    [
      128,
      3,
      [
        [0, 42],
        [43, 85],
        [86, 127],
      ],
    ],
    [
      10,
      4,
      [
        [0, 2],
        [3, 4],
        [5, 7],
        [8, 9],
      ],
    ],
  ] as const)('of %i go to %i subtasks as in Flink', (max, parallelism, ranges) => {
    const manifest = restored(metadataOf(counting(1, max)), counting(parallelism, max));
    expect(keyedOf(manifest).map((refs) => refs.flatMap((ref) => ref.keyGroups))).toEqual(ranges.map((range) => [range]));
  });

  it.each([
    [13, 4, 3],
    [13, 3, 4],
    [128, 2, 3],
    [128, 3, 2],
    [7, 7, 1],
    [5, 1, 5],
  ])('each go to the one subtask that has them now: %i of them, from %i to %i subtasks', (max, before, after) => {
    const manifest = restored(metadataOf(counting(before, max)), counting(after, max));
    keyedOf(manifest).forEach((refs, subtask) => {
      const { first, last } = keyGroupRangeOf(subtask, after, max);
      expect(groupsOf(refs).sort((a, b) => a - b)).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    });
    const names = new Set(keyedOf(manifest).flatMap((refs) => refs.map(({ at }) => (at.kind === 'object' ? at.uri : ''))));
    expect(names.size).toBe(before);
  });

  it('keep the order in which segments apply, and leave out those that have nothing of theirs', () => {
    const metadata = metadataOf(counting(1, 4));
    const [segment] = metadata.vertices[1]!.subtasks[0]!.segments;
    const later = { ...segment!, checkpoint: 9, at: { kind: 'object' as const, uri: 's3://old/later' }, keyGroups: [[3, 3] as const] };
    const { vertices, ...rest } = metadata;
    const withLater = vertices.map((vertex, index) => ({
      ...vertex,
      subtasks: vertex.subtasks.map((subtask) => (index === 1 ? { ...subtask, segments: [...subtask.segments, later] } : subtask)),
    }));
    const manifest = restored({ ...rest, vertices: withLater }, counting(2, 4));
    expect(keyedOf(manifest).map((refs) => refs.map(({ checkpoint, keyGroups }) => [checkpoint, keyGroups]))).toEqual([
      [[7, [[0, 1]]]],
      [
        [7, [[2, 3]]],
        [9, [[3, 3]]],
      ],
    ]);
  });
});

describe('a restore manifest', () => {
  it('is the new job’s, at the checkpoint of the snapshot, and says what is not its own', () => {
    const metadata = metadataOf(counting(2));
    const manifest = restored(metadata, counting(3));
    expect(manifest).toMatchObject({ jobId, jobName: 'again', checkpoint: 7, attempt: 0, stamp: 1_000 });
    const { operatorId } = metadata.vertices[1]!.operators[0]!;
    for (const ref of keyedOf(manifest).flat()) {
      expect(ref).toMatchObject({ foreign: true, operatorState: false, operators: [{ from: operatorId, to: operatorId }] });
    }
  });

  it('has segments as its own that it took over', () => {
    const manifest = restored(metadataOf(counting(2)), counting(3), { owns: ({ at }) => at.kind === 'object' && at.uri.endsWith(' 0') });
    const owned = keyedOf(manifest)
      .flat()
      .map((ref) => [ref.at.kind === 'object' && ref.at.uri.at(-1), ref.foreign === undefined]);
    expect(owned).toEqual([
      ['0', true],
      ['0', true],
      ['1', false],
      ['1', false],
    ]);
  });

  it('says under which id an operator’s state was written, through one restore and the next', () => {
    const metadata = metadataOf(counting(2));
    const before = metadata.vertices[1]!.operators[0]!.operatorId;
    const renamed = counting(2, 128, 'totals', before);
    const now = renamed.vertices[1]!.operators[0]!.operatorId as string;
    const first = restored(metadata, renamed);
    expect(keyedOf(first).flat()[0]!.operators).toEqual([{ from: before, to: now }]);
    const saved = metadataOf(renamed);
    const kept = saved.vertices.map((vertex, index) => ({
      ...vertex,
      subtasks: vertex.subtasks.map((subtask) => (index === 1 ? { ...subtask, segments: keyedOf(first)[subtask.subtask]! } : subtask)),
    }));
    const again = counting(2, 128, 'sums', now);
    const second = restored({ ...saved, vertices: kept }, again);
    expect(keyedOf(second).flat()[0]!.operators).toEqual([{ from: before, to: again.vertices[1]!.operators[0]!.operatorId }]);
  });

  it('goes on with the enumerators of its sources', () => {
    const manifest = restored(metadataOf(counting(2)), counting(3));
    expect(manifest.vertices.map(({ enumerator }) => enumerator)).toEqual([{ state: 'given', done: true }, undefined, undefined]);
  });

  it('begins every vertex with the lowest watermark of its old subtasks, or with none if one had none', () => {
    const metadata = metadataOf(counting(3));
    expect(restored(metadata, counting(2)).vertices[1]!.subtasks.map(({ watermark }) => watermark)).toEqual([1_000, 1_000]);
    const { vertices, ...rest } = metadata;
    const without = vertices.map((vertex) => ({
      ...vertex,
      subtasks: vertex.subtasks.map((subtask) => (subtask.subtask === 2 ? { ...subtask, watermark: null } : subtask)),
    }));
    expect(restored({ ...rest, vertices: without }, counting(3)).vertices[1]!.subtasks.map(({ watermark }) => watermark)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('leaves out what may be left behind', () => {
    const plain = graphOf((env) => void numbers(env).sinkTo(sinkOf()).uid('out').setParallelism(1));
    const manifest = restored(metadataOf(counting(2)), plain, { allowNonRestoredState: true });
    expect(manifest.vertices.flatMap(({ subtasks }) => subtasks.flatMap(({ segments }) => segments))).toEqual([]);
  });
});

describe('operator state', () => {
  const [ids, statesOf] = [
    (graph: JobGraph) =>
      Object.fromEntries(graph.vertices.flatMap(({ operators }) => operators.map(({ uid, operatorId }) => [uid, operatorId as string]))),
    (manifest: Manifest) => manifest.vertices.map(({ operatorStates = [] }) => operatorStates),
  ];

  it('stays where it was, by old subtask, until it is dealt out', () => {
    const manifest = restored(metadataOf(listing(false, 2)), listing(false, 3));
    const { seen } = ids(listing(false, 3));
    expect(manifest.vertices[0]!.subtasks.map(({ dealt, segments }) => [dealt, segments])).toEqual([
      [true, []],
      [true, []],
      [true, []],
    ]);
    const state = statesOf(manifest)[0]!.find(({ operator }) => operator.to === seen)!;
    expect(state).toMatchObject({ operator: { from: seen, to: seen }, from: [{ foreign: true, operatorState: true }, { foreign: true }] });
    expect(state.own).toBeUndefined();
  });

  it('is each subtask’s own at the same parallelism, unless some is given to all', () => {
    const own = (list: typeof splitListState | typeof unionListState) =>
      statesOf(restored(metadataOf(listing(false, 2, list)), listing(false, 2, list)))[0]!.map((state) => state.own);
    expect(own(splitListState)).toEqual([true, true]);
    expect(own(unionListState)).toEqual([true, undefined]);
  });

  it('finds its operator in whatever chain it is now', () => {
    for (const [before, now] of [
      [listing(false, 2), listing(true, 2)],
      [listing(true, 2), listing(false, 2)],
    ] as const) {
      const manifest = restored(metadataOf(before), now);
      const where = manifest.vertices.map(({ operators, operatorStates = [] }) => [
        operators.flatMap(({ uid }) => (uid === 'in' || uid === 'seen' ? [uid] : [])),
        operatorStates.map(({ operator }) => Object.entries(ids(now)).find(([, id]) => id === operator.to)![0]),
      ]);
      for (const [operators, states] of where) expect(states).toEqual(operators);
    }
  });
});

describe('output that is not published yet', () => {
  const metadata = metadataOf(counting(2), { committables: { out: ['one', 'two'] } });
  const committables = (options: Options) =>
    restored(metadata, counting(3), options).vertices.flatMap(({ subtasks }) => subtasks.flatMap((subtask) => subtask.committables));

  it('is listed once, under its sink', () => {
    const out = metadata.vertices.flatMap(({ operators }) => operators).find(({ uid }) => uid === 'out')!.operatorId;
    expect(committables({})).toEqual([{ operatorId: out, items: ['one', 'two'] }]);
  });

  it('is not listed again once it was published', () => {
    expect(committables({ repeatEffects: false })).toEqual([]);
  });
});
