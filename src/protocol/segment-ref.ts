/** Inclusive at both ends. */
export type KeyGroupRange = readonly [from: number, to: number];

/** Where the bytes of a segment are. */
export type SegmentPlace =
  | { readonly kind: 'record'; readonly partition: string; readonly sort: string }
  | { readonly kind: 'object'; readonly uri: string }
  /** Beside the metadata document that refers to it: a path below that document's directory. In canonical savepoints alone. */
  | { readonly kind: 'relative'; readonly path: string }
  /** In the document itself, as base64: what the `memory` backend does. */
  | { readonly kind: 'inline'; readonly bytes: string };

/** One immutable blob of state that one subtask wrote for one checkpoint. */
export interface SegmentRef {
  readonly at: SegmentPlace;
  /** The checkpoint it was written for; segments apply in this order. */
  readonly checkpoint: number;
  readonly bytes: number;
  readonly checksum: string;
  /** Key groups to take from it; readers ignore the rest. */
  readonly keyGroups: readonly KeyGroupRange[];
  /** Whether the subtask's operator state (split positions, lists) is to be taken from it: the newest one wins. */
  readonly operatorState: boolean;
  /** Of a segment that a restore brought: whose sections to take, as whose. Left out: all operators of the vertex, as themselves. */
  readonly operators?: readonly OperatorMapping[];
  /** Belongs to what the job was restored from: it is never deleted by this job, and rewritten soon. */
  readonly foreign?: true;
}

export interface OperatorMapping {
  /** Operator ids; equal unless a uid hash mapped one to another. */
  readonly from: string;
  readonly to: string;
}

/** What tells stored segments apart: the same for every reference to one. Segments inside a document go by their content. */
export function segmentName({ at, checksum }: Pick<SegmentRef, 'at' | 'checksum'>): string {
  switch (at.kind) {
    case 'record':
      return `record ${at.partition} ${at.sort}`;
    case 'object':
      return at.uri;
    case 'relative':
      return `relative ${at.path}`;
    case 'inline':
      return `inline ${checksum}`;
  }
}

/** A segment just written: which key groups it holds changes of, and which of them it holds whole. */
export interface NewSegment extends SegmentRef {
  /** Contained in `keyGroups`: groups of which this segment holds everything, so that older ones don't matter. */
  readonly base: readonly KeyGroupRange[];
}

/**
 * The segments that make up a subtask's state after `added`, oldest first: what a base covers is no longer taken from
 * older segments, and a segment from which nothing is taken any more is not listed.
 */
export function advanceSegments(before: readonly SegmentRef[], added: NewSegment | undefined): readonly SegmentRef[] {
  if (added === undefined) return before;
  const kept: SegmentRef[] = [];
  for (const ref of before) {
    const keyGroups = subtractRanges(ref.keyGroups, added.base);
    const operatorState = ref.operatorState && !added.operatorState;
    if (keyGroups.length === 0 && !operatorState) continue;
    kept.push({ ...ref, keyGroups, operatorState });
  }
  const { base: _base, ...ref } = added;
  kept.push(ref);
  return kept;
}

export function subtractRanges(from: readonly KeyGroupRange[], minus: readonly KeyGroupRange[]): readonly KeyGroupRange[] {
  let left = from;
  for (const [cutFrom, cutTo] of minus) {
    const next: KeyGroupRange[] = [];
    for (const [start, end] of left) {
      if (end < cutFrom || start > cutTo) {
        next.push([start, end]);
        continue;
      }
      if (start < cutFrom) next.push([start, cutFrom - 1]);
      if (end > cutTo) next.push([cutTo + 1, end]);
    }
    left = next;
  }
  return left;
}
