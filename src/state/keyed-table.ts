import type { ValueWriter } from '../values/value-writer.ts';
import type { Attempt } from './attempt.ts';
import type { KeyCursor } from './key-cursor.ts';

/** How kinds of keyed state are called in segments. */
export type TableKind = 'value' | 'timers';

/** How many entries of a key group were written: what to put, then what to delete. */
export interface GroupCounts {
  readonly puts: number;
  readonly deletes: number;
}

/** What a table of keyed state is part of. */
export interface TableContext {
  /** The operator's uid, or its name: for messages. */
  readonly operator: string;
  readonly firstKeyGroup: number;
  readonly keyGroups: number;
  readonly maxParallelism: number;
  readonly freeze: boolean;
  readonly attempt: Attempt;
  readonly cursor: KeyCursor;
}

/**
 * What every kind of keyed state can do at barriers and when it is loaded. Entries lie by key group, so that a few
 * groups can be rewritten without a look at the others; within a group they keep the order in which they came.
 */
export interface KeyedTable {
  readonly kind: TableKind;
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
  /** About how many entries a key group holds. */
  entriesIn(keyGroup: number): number;
  /** Finds what differs from the parent: how many entries by key group. `write` refers to it. */
  gather(): ReadonlyMap<number, number>;
  /** Writes a key group: all of it, or what was gathered. */
  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts;
  promote(): void;
  undo(): void;
  /** Of what is loaded; no attempt is at hand. */
  empty(keyGroup: number): void;
  read(keyGroup: number, counts: GroupCounts, bytes: Uint8Array, start: number, end: number): void;
}
