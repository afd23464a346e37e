import { limits } from '../base/limits.ts';
import { mergeAccumulators, type NamedAccumulator } from '../values/accumulator.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { FailureCause } from './failure.ts';

/** What every subtask's accumulators have come to, from the job's beginning to a completed checkpoint. JSON at rest. */
export interface JobAccumulators {
  readonly subtasks: readonly SubtaskAccumulators[];
}

export interface SubtaskAccumulators {
  readonly vertexId: string;
  readonly subtask: number;
  /** By ascending name. */
  readonly accumulators: readonly NamedAccumulator[];
}

export type AccumulateOutcome =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly accumulators: JobAccumulators; readonly json: string }
  /** More than can be stored, be it in size or in numbers: the attempt fails. */
  | { readonly kind: 'refused'; readonly failure: FailureCause };

/** Adds what the subtasks of an attempt have acknowledged to what stood at its parent. */
export function accumulate(before: JobAccumulators | undefined, said: readonly Acknowledgement[]): AccumulateOutcome {
  const merged = new Map((before?.subtasks ?? []).map((each) => [nameOf(each), each]));
  for (const { vertexId, subtask, accumulators } of said) {
    if (accumulators === undefined) continue;
    const added = JSON.parse(accumulators) as readonly NamedAccumulator[];
    const own = merged.get(nameOf({ vertexId, subtask }))?.accumulators ?? [];
    merged.set(nameOf({ vertexId, subtask }), { vertexId, subtask, accumulators: mergeNamed([...own, ...added]) });
  }
  const after: JobAccumulators = { subtasks: [...merged.values()] };
  const json = JSON.stringify(after);
  if (json === JSON.stringify(before ?? { subtasks: [] })) return { kind: 'unchanged' };
  const problem = problemOf(after, Buffer.byteLength(json));
  return problem === undefined ? { kind: 'changed', accumulators: after, json } : { kind: 'refused', failure: refusal(problem) };
}

/** Over all subtasks, or those of one vertex; by ascending name. */
export function totalAccumulators(accumulators: JobAccumulators | undefined, vertexId?: string): readonly NamedAccumulator[] {
  const subtasks = (accumulators?.subtasks ?? []).filter((each) => vertexId === undefined || each.vertexId === vertexId);
  return mergeNamed(subtasks.flatMap((each) => each.accumulators));
}

/** Those of one name become one. Of two kinds, which only different vertices can give a name, both stay. */
function mergeNamed(all: readonly NamedAccumulator[]): readonly NamedAccumulator[] {
  const merged = new Map<string, NamedAccumulator>();
  for (const { name, value } of all) {
    const identity = `${name}\n${value.kind}`;
    const before = merged.get(identity);
    merged.set(identity, before === undefined ? { name, value } : { name, value: mergeAccumulators(before.value, value) });
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const nameOf = ({ vertexId, subtask }: { readonly vertexId: string; readonly subtask: number }): string => `${vertexId}-${subtask}`;

function problemOf({ subtasks }: JobAccumulators, bytes: number): string | undefined {
  if (bytes > limits.accumulatorBytesMax) return `they take ${bytes} bytes, and may take ${limits.accumulatorBytesMax}`;
  const named = subtasks.flatMap((each) => each.accumulators);
  const endless = named.find(({ value }) => 'sum' in value && !Number.isFinite(value.sum));
  return endless === undefined ? undefined : `the sum of "${endless.name}" is more than a number can be`;
}

function refusal(problem: string): FailureCause {
  return {
    code: 'ACCUMULATOR_INVALID',
    domain: 'program',
    message: `The job's accumulators can't be kept: ${problem}.`,
    advice: 'Add smaller numbers; let histograms have fewer different ones, by rounding what is added.',
  };
}
