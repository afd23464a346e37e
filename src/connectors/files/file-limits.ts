/** Bounds of the file connector, in bytes unless the name says otherwise. Tests use smaller ones. */
export interface FileLimits {
  /** What one read asks of the store: a round trip to S3 should be worth it. */
  readonly chunkBytes: number;
  /** A longer record fails the job, by its position: it would not fit into an epoch. */
  readonly recordBytesMax: number;
  readonly splitBytesMin: number;
  readonly splitBytesMax: number;
  /** Aimed at: above it splits grow beyond `splitBytesMax`. Files of formats that can't be cut are not counted. */
  readonly splitsMax: number;
  readonly filesMax: number;
  /** What one enumeration hands out, as JSON: an acknowledgement is a record, and those hold 400 KiB. */
  readonly enumerationBytesMax: number;
  /** What a writer collects before it begins the next file of the same epoch. */
  readonly partBytesMax: number;
}

export const fileLimits: FileLimits = {
  chunkBytes: 1024 * 1024,
  recordBytesMax: 16 * 1024 * 1024,
  splitBytesMin: 64 * 1024,
  splitBytesMax: 16 * 1024 * 1024,
  splitsMax: 4096,
  filesMax: 20_000,
  enumerationBytesMax: 160 * 1024,
  partBytesMax: 64 * 1024 * 1024,
};
