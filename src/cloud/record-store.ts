import type { Random } from '../base/random.ts';

/** What a record may hold: DynamoDB's kinds. Numbers are finite; undefined fields are left out. */
export type RecordValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly RecordValue[]
  | { readonly [field: string]: RecordValue | undefined };
export type RecordFields = { readonly [field: string]: RecordValue | undefined };

/** The partition is what DynamoDB shards by: nothing hot shares one. */
export interface RecordKey {
  readonly partition: string;
  readonly sort: string;
}

export interface StoredRecord {
  readonly key: RecordKey;
  /** 1 for a new record, one more for each write. */
  readonly revision: number;
  readonly fields: RecordFields;
}

export type PutCondition =
  /** Overwrites whatever is there. */
  { readonly kind: 'always' } | { readonly kind: 'absent' } | { readonly kind: 'revision'; readonly revision: number };

export type PutOutcome =
  | { readonly kind: 'stored'; readonly revision: number }
  /** The condition did not hold; `current` is what stands there (nothing: it is gone). Nothing was written. */
  | { readonly kind: 'conflict'; readonly current: StoredRecord | undefined };

export interface QueryOptions {
  /** Only sort keys that begin so. */
  readonly prefix?: string;
  /** Only sort keys after this one: a page's `next`. */
  readonly after?: string;
  /** At most so many; fewer do not mean the end, a missing `next` does. */
  readonly limit?: number;
}

export interface QueryPage {
  readonly records: readonly StoredRecord[];
  readonly next: string | undefined;
}

/**
 * Small records with conditional writes: DynamoDB.
 *
 * Contract:
 * 1. Every read and query is strongly consistent: it sees every write that was answered before it began.
 * 2. A put is atomic, and its condition is judged against the record as the put finds it.
 * 3. A put that the client library repeated by itself, and whose first try got through, is `stored`, not `conflict`.
 * 4. An error (thrown) leaves the outcome unknown: the write may happen, even later. Callers read before they conclude.
 * 5. `expiresAt` is a hint for deletion some time after, never before; readers may still see the record.
 */
export interface RecordStore {
  get(key: RecordKey): Promise<StoredRecord | undefined>;
  /** In the order of the keys; any number of them. Unprocessed keys are asked for again. */
  getMany(keys: readonly RecordKey[]): Promise<readonly (StoredRecord | undefined)[]>;
  put(key: RecordKey, fields: RecordFields, condition: PutCondition, expiresAt?: number): Promise<PutOutcome>;
  /** Deleting what is not there is success. */
  delete(key: RecordKey): Promise<void>;
  /** Records of one partition by ascending sort key (compared as UTF-8 bytes). */
  query(partition: string, options?: QueryOptions): Promise<QueryPage>;
}

/** How an implementation marks its own writes, so that it knows them again (contract 3). */
export const writeMark = (random: Random): string => random.hex(8);
