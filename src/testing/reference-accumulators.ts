import type { AccumulatorTarget } from '../stream/accumulators.ts';
import type { AccumulatorKind, AccumulatorValue, NamedAccumulator } from '../values/accumulator.ts';

/** Keeps every number that was ever added, and looks at all of them when it is asked. */
export class ReferenceAccumulators implements AccumulatorTarget {
  readonly #added = new Map<string, { readonly kind: AccumulatorKind; readonly numbers: number[] }>();

  register(name: string, kind: AccumulatorKind): void {
    if (!this.#added.has(name)) this.#added.set(name, { kind, numbers: [] });
  }

  add(name: string, value: number): void {
    this.#added.get(name)!.numbers.push(value);
  }

  /** By ascending name. */
  get values(): readonly NamedAccumulator[] {
    return [...this.#added.keys()].sort().map((name) => ({ name, value: resultOf(this.#added.get(name)!) }));
  }
}

function resultOf({ kind, numbers }: { readonly kind: AccumulatorKind; readonly numbers: readonly number[] }): AccumulatorValue {
  const ascending = numbers.toSorted((a, b) => a - b);
  const sum = numbers.reduce((total, each) => total + each, 0);
  switch (kind) {
    case 'longCounter':
    case 'doubleCounter':
      return { kind, sum };
    case 'doubleMinimum':
      return { kind, extreme: ascending[0] ?? null };
    case 'doubleMaximum':
      return { kind, extreme: ascending.at(-1) ?? null };
    case 'averageAccumulator':
      return { kind, count: numbers.length, sum };
    case 'histogram':
      return { kind, counts: [...new Set(ascending)].map((each) => [each, numbers.filter((other) => other === each).length]) };
  }
}
