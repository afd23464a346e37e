import type { Records } from './api.ts';
import { isShaped, ShapedRecords } from './shaped-records.ts';

/** Records in the order in which they came: as columns as long as all have one shape, else as they are. */
export class RecordList implements Records {
  length = 0;
  #shaped: ShapedRecords | undefined = undefined;
  #mixed: unknown[] | undefined = undefined;

  push(record: unknown): void {
    if (this.length === 0 && isShaped(record)) this.#shaped = ShapedRecords.like(record);
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

  /** As columns, if they are kept so. */
  get shaped(): ShapedRecords | undefined {
    return this.#shaped;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return (this.#mixed ?? this.#shaped ?? [])[Symbol.iterator]();
  }
}
