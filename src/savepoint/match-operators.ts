import type { ChainedOperator, JobGraph, JobVertex } from '../graph/job-graph.ts';
import type { Manifest, ManifestOperator, ManifestState, ManifestVertex } from '../protocol/manifest.ts';
import type { FoundBy } from './restore-plan.ts';

/** An operator of the snapshot, and the vertex that ran it. */
export interface StoredOperator {
  readonly operator: ManifestOperator;
  readonly vertex: ManifestVertex;
}

/** An operator of the job, and where in the snapshot it was found. */
export interface MatchedOperator {
  readonly operator: ChainedOperator;
  readonly vertex: JobVertex;
  readonly from?: StoredOperator & { readonly by: FoundBy };
}

export interface OperatorMatches {
  /** In the order of the graph. */
  readonly operators: readonly MatchedOperator[];
  /** What no operator of the job was found for, in the order of the snapshot. */
  readonly left: readonly StoredOperator[];
}

/**
 * Finds every operator of the job in the snapshot, whatever vertices they were and are chained into. Flink's order: the
 * uid hash first, if the snapshot has state under it, then the operator's own id, which comes of the uid or the place.
 */
export function matchOperators(metadata: Manifest, graph: JobGraph): OperatorMatches {
  const stored = metadata.vertices.flatMap((vertex) => vertex.operators.map((operator): StoredOperator => ({ operator, vertex })));
  const byId = new Map(stored.map((each) => [each.operator.operatorId, each]));
  const operators = graph.vertices.flatMap((vertex) =>
    vertex.operators.map((operator): MatchedOperator => {
      const from = find(operator, byId);
      return from === undefined ? { operator, vertex } : { operator, vertex, from };
    }),
  );
  const found = new Set(operators.map(({ from }) => from?.operator.operatorId));
  return { operators, left: stored.filter(({ operator }) => !found.has(operator.operatorId)) };
}

function find(operator: ChainedOperator, byId: ReadonlyMap<string, StoredOperator>): MatchedOperator['from'] {
  const named = operator.uidHash === undefined ? undefined : byId.get(operator.uidHash);
  if (named !== undefined && hasState(named)) return { ...named, by: 'uidHash' };
  const own = byId.get(operator.operatorId);
  return own && { ...own, by: operator.uid === undefined ? 'place' : 'uid' };
}

/** Whether a snapshot holds anything of an operator that a restore must find a place for. */
export function hasState({ operator, vertex }: StoredOperator): boolean {
  if (vertex.enumerator !== undefined && vertex.operators[0]?.operatorId === operator.operatorId) return true;
  if (operator.states !== undefined) return operator.states.some(mustBePlaced);
  // Of the first version: it says no more.
  return operator.stateful && vertex.subtasks.some((subtask) => subtask.segments.length > 0);
}

/** What the engine keeps beside the state of operators, such as accumulators, goes with its operator without a word. */
export const mustBePlaced = ({ kind, name, entries }: ManifestState): boolean => entries > 0 && (kind !== 'engine' || name === '_splits');
