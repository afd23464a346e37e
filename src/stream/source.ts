import type { Clock } from '../base/clock.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { Portable } from '../values/portable.ts';

/** What connectors may use of the outside. Everything else they bring along themselves. */
export interface ConnectorContext {
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/**
 * A source: splits, found by one enumerator per job, read by the subtasks they are assigned to. Flink's FLIP-27 shape.
 * `S` is what describes a split (immutable), `P` the position within it; both are stored as JSON.
 */
export interface Source<T, S extends Portable = Portable, P extends Portable = Portable> {
  readonly kind: 'source';
  readonly name: string;
  /** A bounded source ends; then the job can end FINISHED. */
  readonly boundedness: 'bounded' | 'continuous';
  /** Runs within Inject barrier: at the first epoch and whenever it asked to. I/O is fine; it may be called again for the same epoch. */
  enumerate(state: Portable | undefined, context: EnumeratorContext): Promise<Enumeration<S>>;
  /** The position at which reading a fresh split begins. */
  startOf(split: S): P;
  /** Made once per subtask and environment; what it keeps in memory is a cache, never the truth. */
  createReader(context: ConnectorContext): SplitReader<T, S, P>;
  /** At most so many records a second over all subtasks. */
  readonly recordsPerSecond?: number;
}

export interface EnumeratorContext extends ConnectorContext {
  /** The epoch's stamp. */
  readonly processingTime: number;
  /** Of the source operator: subtasks 0 to parallelism - 1. */
  readonly parallelism: number;
}

export interface Enumeration<S> {
  /** Given to the next call. */
  readonly state: Portable;
  /** New splits, each for one subtask; ids are unique in the job and give the order in which a subtask reads. */
  readonly assignments: readonly { readonly subtask: number; readonly splitId: string; readonly split: S }[];
  /** No split will ever be added. */
  readonly done: boolean;
  /** Processing time of the next look; left out: never again. */
  readonly nextDueAt?: number;
}

export interface SplitReader<T, S, P> {
  /**
   * Reads on from `position`: at most `budget.records` records and about `budget.bytes` bytes (one record may exceed it).
   * Fewer are fine, none if there is nothing now. A malformed record is a WeirError of domain `program` with the
   * position, or is skipped and counted. The same position gives the same records, always.
   */
  read(split: S, position: P, budget: ReadBudget): Promise<SplitBatch<T, P>>;
  close?(): Promise<void>;
}

export interface ReadBudget {
  readonly records: number;
  readonly bytes: number;
  /** Aborted when the call's deadline nears. */
  readonly signal?: AbortSignal;
}

export interface SplitBatch<T, P> {
  readonly records: readonly T[];
  /** After the last of `records` (and of what was skipped). */
  readonly position: P;
  readonly bytes: number;
  readonly skipped: number;
  /** Nothing follows, ever. */
  readonly endOfSplit: boolean;
  /** More can be read at once. */
  readonly backlog: boolean;
  /** Where a record of this batch stands, for error messages: `flights.json, byte 1042`. */
  describe(index: number): string;
}
