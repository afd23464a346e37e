import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import { type LoadedSegment, missedSegments, type SegmentStore } from '../state/index.ts';
import type { Deadline } from './deadline.ts';
import type { SubtaskCopy } from './subtask-copy.ts';

export interface LoadOptions {
  readonly objects: ObjectStore;
  readonly segments: SegmentStore;
  readonly parent: CheckpointRef;
  /** What may be read, in bytes of segments. */
  readonly bytesMax: number;
  readonly deadline: Deadline;
}

/** How many segments are read at once. */
const readsAtOnce = 32;

/**
 * Brings copies to the parent: settles what is on top, and reads what the parent's manifest lists beyond them. Copies
 * that are there already need no manifest. `tooMuch`: nothing was read, since it is more than `bytesMax`.
 */
export async function bringToParent(copies: readonly SubtaskCopy[], options: LoadOptions): Promise<'there' | 'tooMuch'> {
  const { parent, objects } = options;
  for (const copy of copies) {
    copy.settle(parent);
    const { checkpoint } = copy.state.parent;
    if (checkpoint > parent.checkpoint) throw staleCommand(parent.checkpoint, checkpoint);
    if (checkpoint === parent.checkpoint && !copy.isAt(parent)) copy.reset();
  }
  const behind = copies.filter((copy) => !copy.isAt(parent));
  if (behind.length === 0) return 'there';
  assert(parent.manifest !== undefined, 'a completed checkpoint has a manifest');
  const manifest = verifiedManifest(parent.manifest, await objects.get(parent.manifest.uri));
  const missed = behind.map((copy) => ({ copy, refs: missedSegments(copy.state.parent, segmentsOf(manifest, copy)) }));
  const bytes = missed.reduce((sum, { refs }) => sum + refs.reduce((within, ref) => within + ref.bytes, 0), 0);
  if (bytes > options.bytesMax) return 'tooMuch';
  for (const { copy, refs } of missed) apply(copy, await readSegments(refs, options), parent);
  return 'there';
}

function segmentsOf(manifest: Manifest, copy: SubtaskCopy): readonly SegmentRef[] {
  const vertex = manifest.vertices.find((each) => each.vertexId === copy.vertex.vertexId);
  if (vertex === undefined) return [];
  assert(vertex.parallelism === copy.vertex.parallelism, 'a job keeps its parallelism as long as it lives');
  return vertex.subtasks[copy.subtask]!.segments;
}

async function readSegments(refs: readonly SegmentRef[], { segments, deadline }: LoadOptions): Promise<readonly LoadedSegment[]> {
  const loaded: LoadedSegment[] = [];
  for (let from = 0; from < refs.length; from += readsAtOnce) {
    deadline.check();
    const some = refs.slice(from, from + readsAtOnce);
    loaded.push(...(await Promise.all(some.map(async (ref) => ({ ref, bytes: await segments.read(ref) })))));
  }
  return loaded;
}

/** All or nothing: a copy that failed to load is of no use. */
function apply(copy: SubtaskCopy, segments: readonly LoadedSegment[], { checkpoint, attempt }: CheckpointRef): void {
  try {
    copy.state.apply(segments, { checkpoint, attempt });
  } catch (error) {
    copy.reset();
    throw error;
  }
}

/** Somebody calls late: what he asks for can't be completed any more, and nobody waits for the answer. */
export function staleCommand(asked: number, has: number): WeirError {
  return new WeirError({
    code: 'STALE_COMMAND',
    domain: 'internal',
    message: `The command builds on checkpoint ${asked}, but the slot knows that checkpoint ${has} is completed.`,
    subject: { checkpoint: asked },
  });
}
