import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import { type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import { type LoadedSegment, missedSegments, type SegmentStore, type StateSchemas } from '../state/index.ts';
import type { Deadline } from './deadline.ts';
import { type DealtSubtask, dealtSegments, dealtValues, type OperatorValuesByName } from './dealt-values.ts';
import type { SubtaskCopy } from './subtask-copy.ts';

export interface LoadOptions {
  readonly objects: ObjectStore;
  readonly segments: SegmentStore;
  readonly graph: JobGraph;
  readonly schemas: StateSchemas;
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
  const missed = behind.map((copy) => missedBy(copy, manifest));
  const bytes = new Map(missed.flatMap(({ refs, dealt }) => [...refs, ...dealtRefs(dealt)]).map((ref) => [segmentName(ref), ref.bytes]));
  if ([...bytes.values()].reduce((sum, each) => sum + each, 0) > options.bytesMax) return 'tooMuch';
  const shared = await readShared(
    missed.flatMap(({ dealt }) => dealtRefs(dealt)),
    options,
  );
  const { graph, schemas } = options;
  const bytesOf = (ref: SegmentRef) => shared.get(segmentName(ref))!;
  for (const { copy, refs, dealt } of missed) {
    const values = dealt === undefined ? undefined : dealtValues(dealt, { graph, schemas, bytesOf });
    apply(copy, await readSegments(refs, options), parent, values);
  }
  return 'there';
}

interface Missed {
  readonly copy: SubtaskCopy;
  /** What the copy has not, oldest first. */
  readonly refs: readonly SegmentRef[];
  /** Its operator state is still where a restore found it. */
  readonly dealt: DealtSubtask | undefined;
}

function missedBy(copy: SubtaskCopy, manifest: Manifest): Missed {
  const vertex = manifest.vertices.find((each) => each.vertexId === copy.vertex.vertexId);
  if (vertex === undefined) return { copy, refs: [], dealt: undefined };
  assert(vertex.parallelism === copy.vertex.parallelism, 'a job keeps its parallelism as long as it lives');
  const { segments, dealt } = vertex.subtasks[copy.subtask]!;
  const { operators } = copy.vertex;
  return {
    copy,
    refs: missedSegments(copy.state.parent, segments),
    dealt: dealt === true && copy.state.parent.checkpoint === 0 ? { manifest, vertex, operators, subtask: copy.subtask } : undefined,
  };
}

const dealtRefs = (dealt: DealtSubtask | undefined): readonly SegmentRef[] => (dealt === undefined ? [] : dealtSegments(dealt));

/** Subtasks are dealt their operator state from the same old segments: each is read once. */
async function readShared(refs: readonly SegmentRef[], options: LoadOptions): Promise<ReadonlyMap<string, Uint8Array>> {
  const unique = [...new Map(refs.map((ref) => [segmentName(ref), ref])).values()];
  return new Map((await readSegments(unique, options)).map(({ ref, bytes }) => [segmentName(ref), bytes]));
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
function apply(
  copy: SubtaskCopy,
  segments: readonly LoadedSegment[],
  { checkpoint, attempt }: CheckpointRef,
  dealt: OperatorValuesByName | undefined,
): void {
  try {
    copy.state.apply(segments, { checkpoint, attempt }, dealt);
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
