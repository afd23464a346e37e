import type { Cloud } from '../cloud/index.ts';
import type { ManifestState } from '../protocol/manifest.ts';
import { segmentsOf } from '../protocol/manifest-segments.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import { countOf, type InspectedOperator, operatorsOf, type SegmentCount } from './inspect-snapshot.ts';
import { type OpenedSnapshot, openSnapshot } from './open-snapshot.ts';

type Side = { readonly path: string; readonly jobId: string; readonly checkpoint: number; readonly stamp: number };

export interface StateDifference {
  readonly name: string;
  readonly kind: ManifestState['kind'];
  readonly change: 'added' | 'removed' | 'changed';
  readonly entries: readonly [before: number, after: number];
  readonly bytes: readonly [before: number, after: number];
  /** Of a state that is of another kind after. */
  readonly kindAfter?: ManifestState['kind'];
}

export interface OperatorDifference {
  readonly operatorId: string;
  readonly uid?: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Where they differ. */
  readonly parallelism?: readonly [before: number, after: number];
  readonly maxParallelism?: readonly [before: number, after: number];
  readonly states: readonly StateDifference[];
}

export interface SnapshotDifference {
  readonly before: Side;
  readonly after: Side;
  /** Those that differ, in the order of the second snapshot; what it has no more comes last. */
  readonly operators: readonly OperatorDifference[];
  readonly sameOperators: number;
  /** By content. */
  readonly segments: { readonly shared: SegmentCount; readonly onlyBefore: SegmentCount; readonly onlyAfter: SegmentCount };
}

/** What became of the state from one snapshot to another, by operator id, as their metadata say. Throws as openSnapshot does. */
export async function diffSnapshots(
  cloud: Pick<Cloud, 'records' | 'objects' | 'clock'>,
  before: string,
  after: string,
): Promise<SnapshotDifference> {
  const [a, b] = await Promise.all([openSnapshot(cloud, before, { verify: false }), openSnapshot(cloud, after, { verify: false })]);
  const [of, now] = [operatorsIn(a), operatorsIn(b)];
  const ids = [...new Set([...now.keys(), ...of.keys()])];
  const operators = ids.flatMap((id) => differenceOf(of.get(id), now.get(id)));
  return { before: sideOf(a), after: sideOf(b), operators, sameOperators: ids.length - operators.length, segments: compareSegments(a, b) };
}

const sideOf = ({ path, manifest: { jobId, checkpoint, stamp } }: OpenedSnapshot): Side => ({ path, jobId, checkpoint, stamp });

const operatorsIn = ({ manifest }: OpenedSnapshot): ReadonlyMap<string, InspectedOperator> =>
  new Map(manifest.vertices.flatMap(operatorsOf).map((operator) => [operator.operatorId, operator]));

function differenceOf(before: InspectedOperator | undefined, after: InspectedOperator | undefined): readonly OperatorDifference[] {
  const of = after ?? before!;
  const { operatorId, uid, name } = of;
  const head = { operatorId, name, ...(uid === undefined ? {} : { uid }) };
  const states = statesBetween(before?.states ?? [], after?.states ?? []);
  if (before === undefined || after === undefined) return [{ ...head, change: before === undefined ? 'added' : 'removed', states }];
  const parallelism = between(before.parallelism, after.parallelism);
  const maxParallelism = between(before.maxParallelism, after.maxParallelism);
  if (states.length === 0 && parallelism === undefined && maxParallelism === undefined) return [];
  return [
    {
      ...head,
      change: 'changed',
      ...(parallelism === undefined ? {} : { parallelism }),
      ...(maxParallelism === undefined ? {} : { maxParallelism }),
      states,
    },
  ];
}

const between = (before: number, after: number): readonly [number, number] | undefined => (before === after ? undefined : [before, after]);

function statesBetween(before: readonly ManifestState[], after: readonly ManifestState[]): readonly StateDifference[] {
  const [of, now] = [byName(before), byName(after)];
  return [...new Set([...now.keys(), ...of.keys()])].flatMap((key): readonly StateDifference[] => {
    const [was, is] = [of.get(key), now.get(key)];
    if (was !== undefined && is !== undefined && was.entries === is.entries && was.bytes === is.bytes && was.kind === is.kind) return [];
    const { name, kind } = was ?? is!;
    return [
      {
        name,
        kind,
        change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
        entries: [was?.entries ?? 0, is?.entries ?? 0],
        bytes: [was?.bytes ?? 0, is?.bytes ?? 0],
        ...(was !== undefined && is !== undefined && was.kind !== is.kind ? { kindAfter: is.kind } : {}),
      },
    ];
  });
}

/** Timers are named by their time domain, which may be the name of a state too. */
const byName = (states: readonly ManifestState[]): ReadonlyMap<string, ManifestState> =>
  new Map(states.map((state) => [`${state.kind === 'timers' ? 'timers' : 'state'} ${state.name}`, state]));

function compareSegments(a: OpenedSnapshot, b: OpenedSnapshot): SnapshotDifference['segments'] {
  const [of, now] = [byContent(a), byContent(b)];
  return {
    shared: countOf([...of].filter(([checksum]) => now.has(checksum)).map(([, ref]) => ref)),
    onlyBefore: countOf([...of].filter(([checksum]) => !now.has(checksum)).map(([, ref]) => ref)),
    onlyAfter: countOf([...now].filter(([checksum]) => !of.has(checksum)).map(([, ref]) => ref)),
  };
}

const byContent = ({ manifest }: OpenedSnapshot): ReadonlyMap<string, SegmentRef> =>
  new Map(segmentsOf(manifest).map((ref) => [ref.checksum, ref]));
