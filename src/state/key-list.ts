import type { ValueWriter } from '../values/value-writer.ts';
import { Collection } from './collection.ts';
import { corrupt } from './corrupt.ts';
import { describeKey } from './describe-key.ts';
import { encodingError } from './encoding-error.ts';
import type { GroupCounts } from './keyed-table.ts';
import { ownValue } from './own-value.ts';
import type { RunReader } from './run-reader.ts';

/** The elements of a list, and in a state with a time to live when each was last touched. */
interface Elements {
  readonly values: unknown[];
  readonly times: number[] | undefined;
  /** Whether `values` was given out: then it never changes again. */
  shared: boolean;
}

/**
 * One key's list.
 *
 * 1. It is what the parent had, without the first `#dropped`, and then what was added since; a clear drops all.
 * 2. Additions go to the end in place, as long as nobody was given the array; everything else makes a new one. So an
 *    undo takes the old array, without what was added.
 * 3. Times never descend, whatever the stamps do, so that what has expired is at the beginning.
 */
export class KeyList extends Collection {
  #elements: Elements = { values: [], times: undefined, shared: false };
  /** The parent's, which may have additions at its end; only in an attempt that has touched the list. */
  #previous: Elements | undefined = undefined;
  /** Of the parent's elements. */
  #dropped = 0;
  /** The time that the parent's elements got all at once, if they did. */
  #touchedAt: number | undefined = undefined;

  append(added: readonly unknown[]): void {
    const { timed, context } = this.scope;
    this.touch();
    this.#alignTimes();
    if (this.#elements.shared) this.#elements = { ...this.#elements, values: this.#elements.values.slice(), shared: false };
    const { values, times } = this.#elements;
    const time = this.#timeNow();
    for (const value of added) {
      values.push(context.freeze.of(value));
      if (timed) times!.push(time);
    }
    this.resize(values.length, this.bytes);
  }

  clear(): void {
    if (this.size > 0) this.#drop(this.size);
  }

  /** What has not expired; with the visibility for it, for the last time also what has. */
  get(): readonly unknown[] {
    const { ttl, context } = this.scope;
    const { isWorking } = context.attempt;
    const before = this.#elements;
    const expired = this.#countExpired();
    if (expired > 0 && !isWorking && !ttl!.returnsExpired) return before.values.slice(expired);
    if (isWorking) {
      if (expired > 0) this.#drop(expired);
      if (ttl?.updatesOnRead) this.#touchAll();
    }
    const given = expired > 0 && ttl!.returnsExpired ? before : this.#elements;
    given.shared = true;
    return context.freeze.list(given.values);
  }

  dropExpired(): void {
    const expired = this.#countExpired();
    if (expired > 0) this.#drop(expired);
  }

  changes(): number {
    return this.#added + (this.#dropped > 0 || this.#touchedAt !== undefined ? 1 : 0);
  }

  writeChanges(out: ValueWriter): GroupCounts {
    const added = this.#added;
    const bytesKept = shareOf(this.previousBytes, this.size - added, this.previousSize);
    out.write(this.#dropped);
    if (this.scope.timed) out.write(this.#touchedAt ?? null);
    out.write(added);
    this.resize(this.size, bytesKept + this.#writeFrom(this.size - added, out));
    return { puts: added, deletes: this.#dropped > 0 ? 1 : 0 };
  }

  writeWhole(out: ValueWriter): GroupCounts {
    if (this.scope.timed && this.#elements.times === undefined) {
      this.touch();
      this.#alignTimes();
    }
    out.write(0);
    if (this.scope.timed) out.write(null);
    out.write(this.size);
    const bytes = this.#writeFrom(0, out);
    // It was an estimate before, and is to be so again after an undo.
    if (bytes !== this.bytes) this.touch();
    this.resize(this.size, bytes);
    return { puts: this.size, deletes: 0 };
  }

  read(reader: RunReader, timed: boolean): GroupCounts {
    const before = this.#elements;
    const dropped = Math.min(reader.count(), this.size);
    const bytesKept = shareOf(this.bytes, this.size - dropped, this.size);
    const values = dropped === 0 && !before.shared ? before.values : before.values.slice(dropped);
    const times = timed ? timesRead(reader.next(), values.length, before.times?.slice(dropped)) : undefined;
    const added = reader.count();
    const start = reader.offset;
    for (let i = 0; i < added; i++) {
      const value = reader.value();
      values.push(this.scope.context.freeze.of(value));
      if (timed) times!.push(reader.time());
    }
    this.#elements = { values, times, shared: false };
    this.resize(values.length, bytesKept + reader.offset - start);
    return { puts: added, deletes: dropped > 0 ? 1 : 0 };
  }

  protected remember(): void {
    this.#previous = this.#elements;
    this.#dropped = 0;
    this.#touchedAt = undefined;
  }

  protected forget(): void {
    this.#previous = undefined;
  }

  protected recall(): void {
    const { values, times } = this.#previous!;
    const length = this.previousSize;
    this.#elements = {
      values: values.length === length ? values : values.slice(0, length),
      times: times === undefined || times.length === length ? times : times.slice(0, length),
      // Somebody may have been given it on the way.
      shared: values.length === length,
    };
  }

  /** Elements that the parent has not; of a list that was touched. */
  get #added(): number {
    return this.size - (this.previousSize - this.#dropped);
  }

  #drop(count: number): void {
    this.touch();
    this.#dropped = Math.min(this.#dropped + count, this.previousSize);
    if (this.#dropped === this.previousSize) this.#touchedAt = undefined;
    const { values, times } = this.#elements;
    this.#elements = { values: values.slice(count), times: times?.slice(count), shared: false };
    this.resize(this.size - count, count === this.size ? 0 : this.bytes);
  }

  #countExpired(): number {
    const { ttl } = this.scope;
    const { times } = this.#elements;
    if (ttl === undefined || times === undefined) return 0;
    let expired = 0;
    while (expired < times.length && ttl.hasExpired(times[expired])) expired++;
    return expired;
  }

  #touchAll(): void {
    const { times } = this.#elements;
    const time = this.#timeNow();
    if (this.size === 0 || times?.[0] === time) return;
    this.touch();
    this.#setTimes(time);
  }

  /** Elements have times if and only if there is a time to live; what had none was touched now. */
  #alignTimes(): void {
    const { timed, context } = this.scope;
    if (timed === (this.#elements.times !== undefined)) return;
    if (timed) this.#setTimes(context.attempt.stamp);
    else this.#elements = { ...this.#elements, times: undefined };
  }

  #setTimes(time: number): void {
    this.#elements = { ...this.#elements, times: new Array<number>(this.size).fill(time) };
    if (this.#dropped < this.previousSize) this.#touchedAt = time;
  }

  #timeNow(): number {
    return Math.max(this.scope.context.attempt.stamp, this.#elements.times?.at(-1) ?? 0);
  }

  /** Gives how many bytes the elements from there on took. */
  #writeFrom(from: number, out: ValueWriter): number {
    const { timed, name, context } = this.scope;
    const { values, times } = this.#elements;
    const isFrozen = Object.isFrozen(values);
    const ownFrom = this.#previous === undefined ? this.size : this.size - this.#added;
    const start = out.offset;
    for (let i = from; i < values.length; i++) {
      try {
        out.write(values[i]);
      } catch (cause) {
        throw encodingError(`element ${i} of state "${name}" for key ${describeKey(this.key)}`, context.operator, values[i], cause);
      }
      if (timed) out.write(times![i]);
      if (i >= ownFrom && !isFrozen) values[i] = context.freeze.of(ownValue(values[i]));
    }
    return out.offset - start;
  }
}

function timesRead(touchedAt: unknown, length: number, times: number[] | undefined): number[] {
  if (typeof touchedAt === 'number') return new Array<number>(length).fill(touchedAt);
  if (touchedAt !== null) throw corrupt('a list was touched at no time');
  if (times === undefined && length > 0) throw corrupt('a list lacks its times');
  return times ?? [];
}

/** Of elements whose sizes are not known one by one. */
const shareOf = (bytes: number, part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((bytes * part) / whole));
