import { assert } from '../base/assert.ts';
import { fitted, unfit } from '../values/take-apart-code.ts';
import type { ValueWriter } from '../values/value-writer.ts';
import { type RowLayout, rowFieldsOf, rowLayout } from './row-layout.ts';

const rowsInitial = 64;
const noInts = new Int32Array(0);
const noFloats = new Float64Array(0);

/**
 * Values by slot, a small number. As long as all are objects of one shape with nothing but numbers in them, they are kept as
 * rows of numbers: state that changes with every record is then nothing to the garbage collector, and an access goes
 * to one place in memory instead of to an object and to each of its floats. What is read is a new object each time.
 * The first value of another kind turns all rows into objects, for good.
 */
export class SlotValues {
  #layout: RowLayout | undefined = undefined;
  #ints = noInts;
  #floats = noFloats;
  /** All values, when they are not rows. */
  #others: unknown[] | undefined = undefined;

  /** Undefined if there is none. */
  get(slot: number): unknown {
    if (this.#others !== undefined) return this.#others[slot];
    const layout = this.#layout;
    return layout === undefined || slot * layout.doublesPerRow >= this.#floats.length
      ? undefined
      : layout.get(this.#ints, this.#floats, slot);
  }

  has(slot: number): boolean {
    if (this.#others !== undefined) return this.#others[slot] !== undefined;
    // What lies outside of an array is undefined.
    return this.#layout !== undefined && this.#ints[slot * this.#layout.doublesPerRow * 2] === 1;
  }

  /** Undefined takes it away. */
  set(slot: number, value: unknown): void {
    if (this.#others !== undefined) this.#others[slot] = value;
    else if (value === undefined) this.#clearRow(slot);
    else this.#setRow(slot, value);
  }

  /** Whether the value is in memory as it was given, and not as numbers. */
  get asGiven(): boolean {
    return this.#others !== undefined;
  }

  /** Sets to what `from` has at another slot. */
  copy(slot: number, from: SlotValues, fromSlot: number): void {
    const layout = from.#layout;
    if (layout === undefined || from.#others !== undefined || !from.has(fromSlot) || !this.#takes(layout)) {
      this.set(slot, from.get(fromSlot));
      return;
    }
    this.#reach(slot);
    const { doublesPerRow } = layout;
    const at = slot * doublesPerRow;
    const fromAt = fromSlot * doublesPerRow;
    for (let i = 0; i < doublesPerRow * 2; i++) this.#ints[at * 2 + i] = from.#ints[fromAt * 2 + i]!;
  }

  /** Writes the value that is there as `ValueWriter.write` does. */
  write(slot: number, out: ValueWriter): void {
    if (this.#others !== undefined) out.write(this.#others[slot]);
    else this.#layout!.write(this.#ints, this.#floats, slot, out);
  }

  #takes(layout: RowLayout): boolean {
    if (this.#others === undefined && this.#layout === undefined) this.#begin(layout);
    return this.#layout === layout;
  }

  #setRow(slot: number, value: unknown): void {
    if (this.#layout === undefined) {
      const fields = rowFieldsOf(value);
      if (fields === undefined) {
        this.#others = [];
        this.#others[slot] = value;
        return;
      }
      this.#begin(
        rowLayout(
          fields,
          fields.map(() => 'int'),
        ),
      );
    }
    if (slot * this.#layout!.doublesPerRow >= this.#floats.length) this.#reach(slot);
    const outcome = this.#layout!.put(this.#ints, this.#floats, slot, value);
    if (outcome === fitted) return;
    this.#clearRow(slot);
    if (outcome === unfit) this.#giveUpRows();
    else this.#widen(outcome);
    this.set(slot, value);
  }

  #clearRow(slot: number): void {
    if (this.has(slot)) this.#ints[slot * this.#layout!.doublesPerRow * 2] = 0;
  }

  #begin(layout: RowLayout): void {
    this.#layout = layout;
    this.#floats = new Float64Array(rowsInitial * layout.doublesPerRow);
    this.#ints = new Int32Array(this.#floats.buffer);
  }

  #reach(slot: number): void {
    const needed = (slot + 1) * this.#layout!.doublesPerRow;
    if (needed <= this.#floats.length) return;
    const larger = new Float64Array(Math.max(needed, this.#floats.length * 2));
    // As integers: a float that is no number keeps its bits in no other way.
    new Int32Array(larger.buffer).set(this.#ints);
    this.#floats = larger;
    this.#ints = new Int32Array(larger.buffer);
  }

  #widen(field: number): void {
    const before = this.#layout!;
    const ints = this.#ints;
    const floats = this.#floats;
    const layout = rowLayout(before.fields, before.kinds.with(field, 'float'));
    const rows = floats.length / before.doublesPerRow;
    this.#layout = layout;
    this.#floats = new Float64Array(rows * layout.doublesPerRow);
    this.#ints = new Int32Array(this.#floats.buffer);
    for (let row = 0; row < rows; row++) {
      const value = before.get(ints, floats, row);
      if (value !== undefined)
        assert(layout.put(this.#ints, this.#floats, row, value) === fitted, 'a wider row takes what a narrower one held');
    }
  }

  #giveUpRows(): void {
    const rows = this.#floats.length / this.#layout!.doublesPerRow;
    this.#others = Array.from({ length: rows }, (_, row) => this.#layout!.get(this.#ints, this.#floats, row));
    this.#layout = undefined;
    this.#ints = noInts;
    this.#floats = noFloats;
  }
}
