import type { Key } from '../values/key.ts';
import type { RecordRun } from './api.ts';
import { IntegerList } from './integer-list.ts';
import { RecordList } from './record-list.ts';

/** The receiver computes it if it needs it. */
export const unknownKeyGroup = -1;

/**
 * Gathers a run in memory, record by record; columns that nobody needs are not kept. Watermarks are numbers here,
 * -Infinity while there is none.
 */
export class RunBuffer implements RecordRun {
  readonly values: RecordList;
  readonly risesAt: number[] = [];
  readonly risesTo: number[] = [];
  timestamps: number[] | undefined = undefined;
  keys: Key[] | undefined = undefined;
  #keyGroups: IntegerList | undefined = undefined;
  #watermark: number;

  /**
   * `watermark`: the sender's when the epoch begins, which the receiver knows already. `before`: a buffer that nobody reads
   * any more; its memory is used again.
   */
  constructor(watermark: number, before?: RunBuffer) {
    this.values = new RecordList(before?.values);
    this.#watermark = watermark;
  }

  append(value: unknown, timestamp: number, watermark: number): void {
    if (watermark !== this.#watermark) {
      this.risesAt.push(this.values.length);
      this.risesTo.push(watermark);
      this.#watermark = watermark;
    }
    if (this.timestamps !== undefined) this.timestamps.push(timestamp);
    else if (!Number.isNaN(timestamp)) this.#beginTimestamps(timestamp);
    this.values.push(value);
  }

  /** `key`: undefined if the record holds it. */
  appendKeyed(value: unknown, timestamp: number, watermark: number, key: Key | undefined, keyGroup: number): void {
    this.append(value, timestamp, watermark);
    if (key !== undefined) {
      this.keys ??= [];
      this.keys.push(key);
    }
    if (this.#keyGroups !== undefined) this.#keyGroups.push(keyGroup);
    else if (keyGroup !== unknownKeyGroup) this.#beginKeyGroups(keyGroup);
  }

  get keyGroups(): Int32Array | undefined {
    return this.#keyGroups?.items();
  }

  #beginKeyGroups(keyGroup: number): void {
    this.#keyGroups = new IntegerList();
    for (let i = 1; i < this.values.length; i++) this.#keyGroups.push(unknownKeyGroup);
    this.#keyGroups.push(keyGroup);
  }

  #beginTimestamps(timestamp: number): void {
    this.timestamps = new Array<number>(this.values.length).fill(Number.NaN);
    this.timestamps.push(timestamp);
  }
}
