import { assert } from '../base/assert.ts';
import { isPlainObject } from '../values/plain-value.ts';
import { fitted, noInteger, takeApart, unfit } from '../values/take-apart-code.ts';
import type { Records } from './api.ts';

/*
 * Objects of one shape, kept as columns, and made anew whenever one is asked for. What an epoch hands over lives until
 * the next level has read it: as hundreds of thousands of objects the garbage collector would copy them twice and leave
 * them strewn over the heap, between the state that stays. As numbers in a few arrays they are nothing to it, and an
 * object that is made when it is read is gone before the collector looks.
 *
 * 1. A column is of 32-bit integers as long as it can be, then of floats, then of any values as they are. -0 is a float.
 * 2. All that reads and writes a record is compiled for the fields and the kinds of their columns, once per process, so
 *    that each field is a plain access.
 * 3. What comes out equals what went in, to the order of fields; only objects themselves are others.
 */

type Kind = 'int' | 'float' | 'any';
type Column = Int32Array | Float64Array | unknown[];

/** More fields than this are rare, and their compiled functions long. */
const fieldsMax = 64;
const capacityInitial = 256;

/** Whether records of such a first one can be kept as columns. */
export function isShaped(record: unknown): record is object {
  if (typeof record !== 'object' || record === null || Array.isArray(record) || !isPlainObject(record)) return false;
  return canBeShaped(Object.keys(record)) && Object.getPrototypeOf(record) === Object.prototype;
}

/** Whether objects with these fields can be kept as columns. */
export function canBeShaped(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.length <= fieldsMax && !fields.includes('__proto__');
}

/** A list of objects that all have the fields of the first, in its order. */
export class ShapedRecords implements Records {
  readonly fields: readonly string[];
  length = 0;
  #kinds: readonly Kind[];
  #columns: readonly Column[];
  #capacity: number;
  #access: Access;

  private constructor(fields: readonly string[], kinds: readonly Kind[], columns: readonly Column[], capacity: number) {
    this.fields = fields;
    this.#kinds = kinds;
    this.#columns = columns;
    this.#capacity = capacity;
    this.#access = accessOf(fields, kinds);
  }

  /** With nothing in it yet. `like`: see `isShaped`; it is not added. */
  static like(like: object): ShapedRecords {
    const fields = Object.keys(like);
    const kinds = fields.map(() => 'int' as const);
    return new ShapedRecords(
      fields,
      kinds,
      kinds.map((kind) => emptyColumn(kind, capacityInitial)),
      capacityInitial,
    );
  }

  /** Of columns as long as `length`, one for each field. See `canBeShaped`. */
  static of(fields: readonly string[], columns: readonly Column[], length: number): ShapedRecords {
    const records = new ShapedRecords(fields, columns.map(kindOf), columns, length);
    records.length = length;
    return records;
  }

  /** Whether such a record (see `isShaped`) has these fields, in this order. */
  isLike(record: object): boolean {
    const fields = Object.keys(record);
    return fields.length === this.fields.length && fields.every((field, i) => field === this.fields[i]);
  }

  /** False if the record has another shape; then nothing is added. */
  push(record: unknown): boolean {
    if (this.length === this.#capacity) this.#grow();
    for (;;) {
      const narrow = this.#access.put(this.#columns, this.length, record);
      if (narrow === fitted) {
        this.length++;
        return true;
      }
      if (narrow === unfit) return false;
      this.#widen(narrow, (record as { readonly [field: string]: unknown })[this.fields[narrow]!]);
    }
  }

  /** Begins anew in the same memory, unless that is much more than was needed. */
  reset(): void {
    if (this.length < this.#capacity / 4) this.#capacity = Math.max(capacityInitial, this.length * 2);
    this.#columns = this.#columns.map((column, i) =>
      !Array.isArray(column) && column.length === this.#capacity ? column : emptyColumn(this.#kinds[i]!, this.#capacity),
    );
    this.length = 0;
  }

  /** Another object each time. */
  at(index: number): object {
    return this.#access.get(this.#columns, index);
  }

  /** The values of a field, of all records. */
  column(field: number): ArrayLike<number> | readonly unknown[] {
    const column = this.#columns[field]!;
    return Array.isArray(column) ? column : column.subarray(0, this.length);
  }

  /** Whether a field's column holds numbers only. */
  isNumeric(field: number): boolean {
    return this.#kinds[field] !== 'any';
  }

  *[Symbol.iterator](): Iterator<object> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #grow(): void {
    this.#capacity = Math.max(capacityInitial, this.#capacity * 2);
    this.#columns = this.#columns.map((column, i) => {
      if (Array.isArray(column)) return column;
      const larger = emptyColumn(this.#kinds[i]!, this.#capacity) as Int32Array | Float64Array;
      larger.set(column);
      return larger;
    });
  }

  #widen(field: number, value: unknown): void {
    const column = this.#columns[field]!;
    assert(!Array.isArray(column), 'a column of any values takes any value');
    const kind = typeof value === 'number' && this.#kinds[field] === 'int' ? 'float' : 'any';
    let wider: Column = Array.from(column.subarray(0, this.length));
    if (kind === 'float') {
      wider = new Float64Array(this.#capacity);
      wider.set(column.subarray(0, this.length));
    }
    this.#kinds = this.#kinds.with(field, kind);
    this.#columns = this.#columns.with(field, wider);
    this.#access = accessOf(this.fields, this.#kinds);
  }
}

interface Access {
  /** Writes a record at an index; `fitted`, `unfit`, or the first field whose column is too narrow. */
  put(columns: readonly Column[], index: number, record: unknown): number;
  get(columns: readonly Column[], index: number): object;
}

function emptyColumn(kind: Kind, capacity: number): Column {
  return kind === 'int' ? new Int32Array(capacity) : kind === 'float' ? new Float64Array(capacity) : [];
}

function kindOf(column: Column): Kind {
  if (Array.isArray(column)) return 'any';
  return column instanceof Int32Array ? 'int' : 'float';
}

const accessKept = 1024;
const known = new Map<string, Access>();

function accessOf(fields: readonly string[], kinds: readonly Kind[]): Access {
  const name = JSON.stringify([fields, kinds]);
  let access = known.get(name);
  if (access === undefined) {
    access = compile(fields, kinds);
    if (known.size >= accessKept) known.clear();
    known.set(name, access);
  }
  return access;
}

/** When a value does not fit into its column. */
const refusals: Readonly<Record<Kind, (value: string) => string>> = {
  int: (value) => `typeof ${value} !== 'number' || ${noInteger(value)}`,
  float: (value) => `typeof ${value} !== 'number'`,
  any: () => 'false',
};

function compile(fields: readonly string[], kinds: readonly Kind[]): Access {
  const puts = kinds.map((kind, i) => `if (${refusals[kind](`value${i}`)}) return ${i}; columns[${i}][index] = value${i};`);
  // Field names come as string literals, so no name can be more than a name.
  const gets = fields.map((field, i) => `${JSON.stringify(field)}: columns[${i}][index]`);
  const make = new Function(
    'fields',
    `return {
      put(columns, index, object) {
        ${takeApart(fields)}
        ${puts.join('\n        ')}
        return ${fitted};
      },
      get(columns, index) {
        return { ${gets.join(', ')} };
      },
    };`,
  ) as (fields: readonly string[]) => Access;
  return make(fields);
}
