export interface ObjectInfo {
  /** `s3://bucket/key` or `file:///absolute/path`. */
  readonly uri: string;
  readonly bytes: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  readonly next: string | undefined;
}

/**
 * Large immutable objects by URI: S3, or a local disk.
 *
 * Contract:
 * 1. A put is all or nothing: no reader ever sees a part of an object.
 * 2. Names are written once by callers; a put to an existing name with the same bytes is harmless.
 * 3. A read sees every put that was answered before it began.
 * 4. A listing may be used to propose, never to prove: callers learn references from records.
 * 5. An error (thrown) leaves the outcome unknown, as for records.
 */
export interface ObjectStore {
  put(uri: string, bytes: Uint8Array): Promise<void>;
  /** The whole object or a range of it (cut at the object's end); nothing if there is no such object. */
  get(uri: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  head(uri: string): Promise<ObjectInfo | undefined>;
  /** Objects whose URI begins so, by ascending URI, pages of at most 1000; `after` is a page's `next`. */
  list(uriPrefix: string, after?: string): Promise<ListPage>;
  /**
   * Gives a staged object its final name, at once for readers of that name. Published already is success. `missing`:
   * neither name holds an object.
   */
  publish(stagedUri: string, finalUri: string): Promise<'published' | 'missing'>;
  /** Deleting what is not there is success. */
  delete(uri: string): Promise<void>;
}
