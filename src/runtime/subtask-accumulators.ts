import { limits } from '../base/limits.ts';
import { type AccumulatorTarget, invalidAccumulator } from '../stream/accumulators.ts';
import {
  type AccumulatorKind,
  type AccumulatorValue,
  accumulatorTypes,
  mergeAccumulators,
  type NamedAccumulator,
} from '../values/accumulator.ts';

/**
 * What the functions of one subtask have added in the epoch at hand. Only that: totals are made when a checkpoint is
 * completed, of the acknowledgements that count. So there is nothing to store here, to load, or to take back.
 */
export class SubtaskAccumulators implements AccumulatorTarget {
  readonly #cells = new Map<string, Cell>();
  #entries = 0;

  register(name: string, kind: AccumulatorKind): void {
    const registered = this.#cells.get(name);
    if (registered?.kind === kind) return;
    const [type, other] = [accumulatorTypes[kind], registered && accumulatorTypes[registered.kind]];
    if (other !== undefined)
      throw invalidAccumulator(name, `it is registered as ${type}, but was before as ${other}`, 'Give one of them another name.');
    if (this.#cells.size >= limits.accumulatorsPerSubtaskMax)
      throw invalidAccumulator(name, `there are ${this.#cells.size} already`, 'Use fewer names, or a histogram.');
    this.#cells.set(name, new Cell(kind));
  }

  add(name: string, value: number): void {
    const cell = this.#cells.get(name);
    if (cell === undefined) throw invalidAccumulator(name, 'it was never registered here', 'Register it in open, in every subtask.');
    if (!cell.takes(value)) {
      const expected = cell.isWhole ? 'whole numbers up to 2^53' : 'finite numbers';
      throw invalidAccumulator(name, `it takes ${expected}, also as a sum, but ${String(value)} was added`, 'Leave such values out.');
    }
    const counts = cell.counts?.size ?? 0;
    cell.add(value);
    if (cell.counts === undefined || cell.counts.size === counts) return;
    if (++this.#entries > limits.accumulatorEntriesMax)
      throw invalidAccumulator(
        name,
        `its subtask has more than ${limits.accumulatorEntriesMax} different numbers in histograms`,
        'Round what you add to fewer numbers.',
      );
  }

  /** An epoch begins: what was added before is told, or came to nothing. */
  begin(): void {
    this.#entries = 0;
    for (const cell of this.#cells.values()) cell.clear();
  }

  /** Of all that are registered, by name; also where nothing was added, so that their names are known. */
  get values(): readonly NamedAccumulator[] {
    const names = [...this.#cells.keys()].sort();
    return names.map((name) => ({ name, value: this.#cells.get(name)!.value }));
  }
}

/** Adds without making anything anew. */
class Cell {
  readonly kind: AccumulatorKind;
  readonly isWhole: boolean;
  /** Of a histogram. */
  readonly counts: Map<number, number> | undefined;
  #count = 0;
  #sum = 0;
  #extreme: number | null = null;

  constructor(kind: AccumulatorKind) {
    this.kind = kind;
    this.isWhole = kind === 'longCounter' || kind === 'histogram';
    this.counts = kind === 'histogram' ? new Map() : undefined;
  }

  /** Also what the sum would be. */
  takes(value: number): boolean {
    return this.isWhole ? Number.isSafeInteger(value) && Number.isSafeInteger(this.#sum + value) : Number.isFinite(this.#sum + value);
  }

  add(value: number): void {
    if (this.counts !== undefined) {
      this.counts.set(value + 0, (this.counts.get(value) ?? 0) + 1);
      return;
    }
    if (this.kind === 'doubleMinimum' || this.kind === 'doubleMaximum') {
      const extreme = this.#extreme ?? value;
      this.#extreme = this.kind === 'doubleMinimum' ? Math.min(extreme, value) : Math.max(extreme, value);
      return;
    }
    this.#count++;
    this.#sum += value;
  }

  clear(): void {
    this.counts?.clear();
    this.#count = 0;
    this.#sum = 0;
    this.#extreme = null;
  }

  get value(): AccumulatorValue {
    const { kind } = this;
    switch (kind) {
      case 'longCounter':
      case 'doubleCounter':
        return { kind, sum: this.#sum };
      case 'doubleMinimum':
      case 'doubleMaximum':
        return { kind, extreme: this.#extreme };
      case 'averageAccumulator':
        return { kind, count: this.#count, sum: this.#sum };
      default:
        // Merged with nothing: sorted.
        return mergeAccumulators({ kind, counts: [...this.counts!] }, { kind, counts: [] });
    }
  }
}
