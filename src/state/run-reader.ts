import { readValues } from '../values/value-reader.ts';
import { corrupt } from './corrupt.ts';
import type { StoredRun } from './keyed-table.ts';
import type { Migration } from './migration.ts';

/** The values of a run, one after the other, and where they lie. */
export class RunReader {
  readonly #what: string;
  readonly #values: unknown[] = [];
  readonly #ends: number[];
  readonly #migrate: Migration | undefined;
  #at = 0;

  /** `what` names the state in messages. */
  constructor(what: string, { bytes, start, end, keyGroup, migrate }: StoredRun) {
    this.#what = `key group ${keyGroup} of ${what}`;
    this.#ends = [start];
    this.#migrate = migrate;
    readValues(
      bytes,
      (value, _from, to) => {
        this.#values.push(value);
        this.#ends.push(to);
      },
      start,
      end,
    );
  }

  get done(): boolean {
    return this.#at === this.#values.length;
  }

  /** Where the next value begins. */
  get offset(): number {
    return this.#ends[this.#at]!;
  }

  next(): unknown {
    if (this.done) throw corrupt(`${this.#what} is cut off`);
    return this.#values[this.#at++];
  }

  /** What the program gave, as one of the declared version. */
  value(): unknown {
    const value = this.next();
    return this.#migrate === undefined ? value : this.#migrate(value);
  }

  count(): number {
    const count = this.next();
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
      throw corrupt(`${this.#what} has no count where one should be`);
    return count;
  }

  time(): number {
    const time = this.next();
    if (typeof time !== 'number' || !Number.isFinite(time)) throw corrupt(`${this.#what} has no time where one should be`);
    return time;
  }

  flag(): boolean {
    const flag = this.next();
    if (typeof flag !== 'boolean') throw corrupt(`${this.#what} has no flag where one should be`);
    return flag;
  }

  /** After the last: whether it held as many entries as the index says. */
  expect(kind: 'puts' | 'deletes', found: number, expected: number): void {
    if (found !== expected) throw corrupt(`${this.#what} has ${found} ${kind} instead of ${expected}`);
  }
}
