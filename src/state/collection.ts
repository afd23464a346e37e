import type { Key } from '../values/key.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import type { Keyed } from './key-index.ts';
import type { GroupCounts, TableContext } from './keyed-table.ts';
import type { RunReader } from './run-reader.ts';
import type { TimeToLive } from './time-to-live.ts';

/** What the collections of one table share. */
export class CollectionScope {
  readonly name: string;
  readonly context: TableContext;
  timed = false;
  ttl: TimeToLive | undefined = undefined;
  entries = 0;
  bytes = 0;
  /** Those that the attempt at hand has touched. */
  changed: Collection[] = [];
  readonly #entriesByGroup: number[];

  constructor(name: string, context: TableContext) {
    this.name = name;
    this.context = context;
    this.#entriesByGroup = new Array<number>(context.keyGroups).fill(0);
  }

  entriesIn(keyGroup: number): number {
    return this.#entriesByGroup[keyGroup - this.context.firstKeyGroup] ?? 0;
  }

  count(keyGroup: number, entries: number, bytes: number): void {
    this.entries += entries;
    this.bytes += bytes;
    this.#entriesByGroup[keyGroup - this.context.firstKeyGroup]! += entries;
  }
}

/**
 * What is kept under one key in a state of many entries per key: a list or a map. Its first change in an attempt
 * remembers what it was.
 */
export abstract class Collection implements Keyed {
  readonly key: Key;
  readonly keyGroup: number;
  size = 0;
  /** What its entries took when they were last encoded, without the key. */
  bytes = 0;
  protected previousSize = 0;
  protected previousBytes = 0;
  protected readonly scope: CollectionScope;
  #mark = 0;

  constructor(key: Key, keyGroup: number, scope: CollectionScope) {
    this.key = key;
    this.keyGroup = keyGroup;
    this.scope = scope;
  }

  /** How many entries differ from the parent's; a clear counts as one. */
  abstract changes(): number;
  /** The key's part of a delta; only called when there are changes. */
  abstract writeChanges(out: ValueWriter): GroupCounts;
  /** Everything, after `dropExpired`; only called when there is something. */
  abstract writeWhole(out: ValueWriter): GroupCounts;
  abstract dropExpired(): void;
  /** Applies what either of them wrote. */
  abstract read(reader: RunReader, timed: boolean): GroupCounts;
  protected abstract remember(): void;
  protected abstract forget(): void;
  protected abstract recall(): void;

  promote(): void {
    this.forget();
  }

  undo(): void {
    this.recall();
    this.resize(this.previousSize, this.previousBytes);
    this.forget();
  }

  /** Comes before every change. */
  protected touch(): void {
    const { attempt } = this.scope.context;
    if (this.#mark === attempt.mark) return;
    attempt.assertWorking();
    this.#mark = attempt.mark;
    this.previousSize = this.size;
    this.previousBytes = this.bytes;
    this.remember();
    this.scope.changed.push(this);
  }

  protected resize(size: number, bytes: number): void {
    this.scope.count(this.keyGroup, size - this.size, bytes - this.bytes);
    this.size = size;
    this.bytes = bytes;
  }
}
