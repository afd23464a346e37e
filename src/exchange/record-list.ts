import type { Records } from './api.ts';
import { isShaped, ShapedRecords } from './shaped-records.ts';

/** Records in the order in which they came: as columns as long as all have one shape, else as they are. */
export class RecordList implements Records {
  length = 0;
  /** Whose memory is free to use. */
  readonly #spare: ShapedRecords | undefined;
  #shaped: ShapedRecords | undefined = undefined;
  #mixed: unknown[] | undefined = undefined;

  /** `before`: a list that nobody reads any more; its memory is used again, and nothing is in it then. */
  constructor(before?: RecordList) {
    this.#spare = before === undefined ? undefined : before.#release();
  }

  push(record: unknown): void {
    if (this.length === 0 && isShaped(record)) this.#shaped = this.#spare?.isLike(record) ? this.#spare : ShapedRecords.like(record);
    this.length++;
    if (this.#shaped !== undefined) {
      if (this.#shaped.push(record)) return;
      this.#mixed = [...this.#shaped];
      this.#shaped = undefined;
    }
    this.#mixed ??= [];
    this.#mixed.push(record);
  }

  at(index: number): unknown {
    return this.#shaped === undefined ? this.#mixed![index] : this.#shaped.at(index);
  }

  #release(): ShapedRecords | undefined {
    const shaped = this.#shaped;
    this.#shaped = undefined;
    this.#mixed = undefined;
    this.length = 0;
    shaped?.reset();
    return shaped;
  }

  /** As columns, if they are kept so. */
  get shaped(): ShapedRecords | undefined {
    return this.#shaped;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return (this.#mixed ?? this.#shaped ?? [])[Symbol.iterator]();
  }
}
