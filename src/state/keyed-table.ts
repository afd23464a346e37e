import type { StateTtl } from '../stream/state.ts';
import type { FreezeSample } from '../values/freeze-sample.ts';
import type { Key } from '../values/key.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import type { Attempt } from './attempt.ts';
import type { KeyCursor } from './key-cursor.ts';
import type { KeyKinds } from './key-kinds.ts';
import type { Migration } from './migration.ts';

/** Kinds of keyed state, by how they are stored: reducing and aggregating state are values. */
export type TableKind = 'value' | 'list' | 'map' | 'timers';

/** How many entries of a key group were written: put, and taken away (a clear counts as one). */
export interface GroupCounts {
  readonly puts: number;
  readonly deletes: number;
}

/** Where in the sections of a segment one key group of a table lies. */
export interface StoredRun {
  readonly keyGroup: number;
  readonly counts: GroupCounts;
  /** Whether entries come with the time at which they were last touched. */
  readonly timed: boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Brings each value up to the declared version; missing: it is of that version. */
  readonly migrate?: Migration | undefined;
}

/** What a table of keyed state is part of. */
export interface TableContext {
  /** The operator's uid, or its name: for messages. */
  readonly operator: string;
  readonly firstKeyGroup: number;
  readonly keyGroups: number;
  readonly maxParallelism: number;
  readonly freeze: FreezeSample;
  readonly attempt: Attempt;
  readonly cursor: KeyCursor;
  /** Its keys are pairs: of what the stream is keyed by, and a namespace such as a window. */
  readonly namespaced: boolean;
  readonly keyKinds: KeyKinds;
}

/** What the stream is keyed by, from what a table knows its entries by. */
export const ownKeyOf = ({ namespaced }: TableContext, key: Key): Key => (namespaced ? (key as readonly [Key, Key])[0] : key);

/**
 * What every kind of keyed state can do at barriers and when it is loaded. Entries lie by key group, so that a few
 * groups can be rewritten without a look at the others; within a group they keep the order in which they came.
 */
export interface KeyedTable {
  readonly kind: TableKind;
  readonly name: string;
  /** Whether entries are written with the time at which they were last touched. */
  readonly timed: boolean;
  readonly namespaced: boolean;
  readonly entries: number;
  readonly bytes: number;
  /** About how many entries a key group holds. */
  entriesIn(keyGroup: number): number;
  /** Finds what differs from the parent: how many entries by key group. `write` refers to it. */
  gather(): ReadonlyMap<number, number>;
  /** Writes a key group: all of it, without what has expired and is dropped from here too, or what was gathered. */
  write(keyGroup: number, whole: boolean, out: ValueWriter): GroupCounts;
  promote(): void;
  undo(): void;
  /** Of what is loaded; no attempt is at hand. */
  empty(keyGroup: number): void;
  read(run: StoredRun): void;
}

/** A table that a declaration of the user stands for. */
export interface DeclaredTable extends KeyedTable {
  /** What the declaration says; before, entries keep the times they were loaded with. */
  declare(ttl: StateTtl | undefined): void;
}
