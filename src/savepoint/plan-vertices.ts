import type { JobVertex } from '../graph/job-graph.ts';
import { hasState, type MatchedOperator } from './match-operators.ts';
import { nameOf, remark } from './remarks.ts';
import type { Change, PlanRemark } from './restore-plan.ts';

export interface PlannedVertex {
  readonly vertex: JobVertex;
  /** Present if the vertex takes over state. */
  readonly maxParallelism?: Change & { readonly adopted: boolean };
  readonly refusals: readonly PlanRemark[];
}

/**
 * Whether the key groups of a vertex can be those of the snapshot. Only state counts: operators without any are moved
 * between vertices as one likes.
 */
export function planVertex(vertex: JobVertex, operators: readonly MatchedOperator[]): PlannedVertex {
  const taking = operators.filter(({ from }) => from !== undefined && hasState(from));
  const first = taking[0]?.from;
  if (first === undefined) return { vertex, refusals: [] };
  const before = first.vertex.maxParallelism;
  const other = taking.find(({ from }) => from!.vertex.maxParallelism !== before);
  if (other !== undefined) {
    const mixed = remark(
      'max-parallelism-differs-in-chain',
      other.operator,
      `${capital(nameOf(other.operator))} and ${nameOf(taking[0]!.operator)} run in one chain, but the snapshot has them with max parallelism ${other.from!.vertex.maxParallelism} and ${before}.`,
      'Part them with .startNewChain(), as they were when the snapshot was taken.',
    );
    return { vertex, refusals: [mixed] };
  }
  const adopted = !vertex.maxParallelismExplicit && vertex.maxParallelism !== before;
  const maxParallelism = { before, now: adopted ? before : vertex.maxParallelism, adopted };
  const refusals = taking.slice(0, 1).flatMap(({ operator }) => problemsOf(vertex, nameOf(operator), operator, maxParallelism));
  return { vertex, maxParallelism, refusals };
}

function problemsOf(
  vertex: JobVertex,
  name: string,
  operator: MatchedOperator['operator'],
  { before, now }: Change,
): readonly PlanRemark[] {
  if (now !== before) {
    const message = `Max parallelism mismatch: ${name} sets max parallelism ${now}, but the snapshot has its state with ${before}.`;
    return [
      remark(
        'max-parallelism-changed',
        operator,
        message,
        `Set max parallelism to ${before}, or set none: it can't change while the state lives.`,
      ),
    ];
  }
  if (vertex.parallelism <= now) return [];
  const message = `${capital(name)} has parallelism ${vertex.parallelism}, but the snapshot has its state with max parallelism ${now}.`;
  return [remark('parallelism-too-high', operator, message, `Run it with a parallelism of at most ${now}.`)];
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
