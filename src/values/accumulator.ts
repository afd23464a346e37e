import { assert, unreachable } from '../base/assert.ts';

/*
 * What an accumulator has come to, as plain JSON, and how two such values become one. Merging is associative and
 * commutative, sums of fractions up to rounding, so it makes no difference which subtask added what, or in which epoch.
 */

export type AccumulatorKind = 'longCounter' | 'doubleCounter' | 'doubleMinimum' | 'doubleMaximum' | 'averageAccumulator' | 'histogram';

export type AccumulatorValue =
  | { readonly kind: 'longCounter' | 'doubleCounter'; readonly sum: number }
  /** Null while nothing was added. */
  | { readonly kind: 'doubleMinimum' | 'doubleMaximum'; readonly extreme: number | null }
  | { readonly kind: 'averageAccumulator'; readonly count: number; readonly sum: number }
  /** How often each whole number was added, by ascending number. */
  | { readonly kind: 'histogram'; readonly counts: readonly (readonly [value: number, count: number])[] };

export type NamedAccumulator = { readonly name: string; readonly value: AccumulatorValue };

/** Flink's names of the classes. */
export const accumulatorTypes: { readonly [Kind in AccumulatorKind]: string } = {
  longCounter: 'LongCounter',
  doubleCounter: 'DoubleCounter',
  doubleMinimum: 'DoubleMinimum',
  doubleMaximum: 'DoubleMaximum',
  averageAccumulator: 'AverageAccumulator',
  histogram: 'Histogram',
};

/** Both are of one kind. */
export function mergeAccumulators(a: AccumulatorValue, b: AccumulatorValue): AccumulatorValue {
  assert(a.kind === b.kind, `accumulators of one name are of one kind, but found ${a.kind} and ${b.kind}`);
  switch (a.kind) {
    case 'longCounter':
    case 'doubleCounter':
      return { kind: a.kind, sum: a.sum + (b as typeof a).sum };
    case 'doubleMinimum':
    case 'doubleMaximum':
      return { kind: a.kind, extreme: extremeOf(a.kind, a.extreme, (b as typeof a).extreme) };
    case 'averageAccumulator':
      return { kind: a.kind, count: a.count + (b as typeof a).count, sum: a.sum + (b as typeof a).sum };
    case 'histogram':
      return { kind: a.kind, counts: mergeCounts(a.counts, (b as typeof a).counts) };
    default:
      return unreachable(a);
  }
}

function extremeOf(kind: 'doubleMinimum' | 'doubleMaximum', a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return kind === 'doubleMinimum' ? Math.min(a, b) : Math.max(a, b);
}

type Counts = readonly (readonly [number, number])[];

function mergeCounts(a: Counts, b: Counts): Counts {
  const merged = new Map(a);
  for (const [value, count] of b) merged.set(value, (merged.get(value) ?? 0) + count);
  return [...merged].sort(([one], [other]) => one - other);
}

/** What Flink calls the local value: a number, or for a histogram how often each number was added. Null: nothing was added. */
export function accumulatorResult(value: AccumulatorValue): number | null | { readonly [value: string]: number } {
  switch (value.kind) {
    case 'longCounter':
    case 'doubleCounter':
      return value.sum;
    case 'doubleMinimum':
    case 'doubleMaximum':
      return value.extreme;
    case 'averageAccumulator':
      return value.count === 0 ? null : value.sum / value.count;
    case 'histogram':
      return Object.fromEntries(value.counts);
    default:
      return unreachable(value);
  }
}

/** The result as Flink's listings write it. */
export function accumulatorText(value: AccumulatorValue): string {
  if (value.kind === 'histogram') return `{${value.counts.map(([number, count]) => `${number}=${count}`).join(', ')}}`;
  return String(accumulatorResult(value) ?? 'null');
}
