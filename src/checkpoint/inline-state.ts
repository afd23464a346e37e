import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import type { FailureCause } from '../protocol/failure.ts';
import type { Manifest, ManifestVertex } from '../protocol/manifest.ts';
import { mapSegments, segmentsOf } from '../protocol/manifest-segments.ts';
import { type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import { openSegment, readSegment } from '../state/index.ts';

export type InlineOutcome =
  | { readonly kind: 'inlined'; readonly manifest: Manifest }
  | { readonly kind: 'tooLarge'; readonly failure: FailureCause };

/**
 * The manifest with all state of the job's own inside of it: what the `memory` backend does. Its savepoints are
 * self-contained for that reason. More than its bounds makes the checkpoint fail.
 */
export async function inlineState(cloud: Pick<Cloud, 'records' | 'objects'>, manifest: Manifest): Promise<InlineOutcome> {
  const excess = excessOf(manifest);
  if (excess !== undefined) return { kind: 'tooLarge', failure: tooLarge(excess, await largestState(cloud, excess)) };
  const elsewhere = segmentsOf(manifest).filter((ref) => ref.at.kind !== 'inline' && ref.foreign !== true);
  const read = new Map<string, string>();
  for (const ref of elsewhere) read.set(segmentName(ref), Buffer.from(await readSegment(cloud, ref)).toString('base64'));
  const inside = (ref: SegmentRef): SegmentRef => {
    const bytes = ref.foreign === true ? undefined : read.get(segmentName(ref));
    return bytes === undefined ? ref : { ...ref, at: { kind: 'inline', bytes } };
  };
  return { kind: 'inlined', manifest: mapSegments(manifest, inside) };
}

interface Excess {
  readonly whose: string;
  readonly bytes: number;
  readonly max: number;
  readonly of: 'a subtask' | 'a job';
  readonly vertices: readonly ManifestVertex[];
  readonly segments: readonly SegmentRef[];
}

function excessOf({ vertices }: Manifest): Excess | undefined {
  const own: SegmentRef[] = [];
  for (const vertex of vertices) {
    for (const { subtask, segments: all } of vertex.subtasks) {
      const segments = all.filter((ref) => ref.foreign !== true);
      own.push(...segments);
      const bytes = sum(segments);
      const max = limits.memoryBackendBytesMax;
      if (bytes > max)
        return { whose: `subtask ${subtask} of "${vertex.name}"`, bytes, max, of: 'a subtask', vertices: [vertex], segments };
    }
  }
  const bytes = sum(own);
  const max = limits.memoryBackendTotalBytesMax;
  return bytes > max ? { whose: 'all subtasks together', bytes, max, of: 'a job', vertices, segments: own } : undefined;
}

const sum = (segments: readonly SegmentRef[]): number => segments.reduce((total, ref) => total + ref.bytes, 0);

interface LargestState {
  readonly operator: string;
  readonly name: string;
}

/** Where most of it is. Timers and operator state have names of their own. */
async function largestState(cloud: Pick<Cloud, 'records' | 'objects'>, of: Excess): Promise<LargestState | undefined> {
  const bytes = new Map<string, { readonly operatorId: string; readonly name: string; bytes: number }>();
  for (const ref of of.segments) {
    for (const { operatorId, kind, name, length } of openSegment(await readSegment(cloud, ref)).table.sections) {
      const title = kind === 'timers' ? 'timers' : kind === 'operator' ? 'operator state' : name;
      const known = bytes.get(`${operatorId} ${title}`);
      bytes.set(`${operatorId} ${title}`, { operatorId, name: title, bytes: (known?.bytes ?? 0) + length });
    }
  }
  const largest = [...bytes.values()].sort((a, b) => b.bytes - a.bytes)[0];
  if (largest === undefined) return undefined;
  const operator = of.vertices.flatMap(({ operators }) => operators).find(({ operatorId }) => operatorId === largest.operatorId);
  return { operator: operator?.uid ?? operator?.name ?? largest.operatorId, name: largest.name };
}

function tooLarge({ whose, bytes, max, of }: Excess, largest: LargestState | undefined): FailureCause {
  const most = largest === undefined ? '' : `, most of it state "${largest.name}" of operator "${largest.operator}"`;
  return {
    code: 'MEMORY_BACKEND_FULL',
    domain: 'user',
    message: `The state of ${whose} takes ${bytes} bytes at rest${most}; the memory backend holds at most ${max} bytes of ${of}, since it keeps state inside the checkpoint's metadata.`,
    advice: 'Use the state backend "dynamodb" or "filesystem", whose state may be as large as the memory of the slots.',
    ...(largest === undefined ? {} : { operator: largest.operator }),
  };
}
