import { isPlainObject } from '../values/plain-value.ts';
import { encodeValue } from '../values/serializer.ts';
import { fitted, noInteger, takeApart, unfit } from '../values/take-apart-code.ts';
import type { ValueWriter } from '../values/value-writer.ts';

/*
 * How objects of one shape whose fields are all numbers lie in memory: each as a row of bytes, one row after the other.
 * First a flag, whether the row holds anything, then the fields that are 32-bit integers, 4 bytes each, then the others,
 * 8 bytes each. A row of four fields is half a line of the processor's cache.
 *
 * All that reads and writes a row is compiled for the fields and their kinds, once per process, so that each field is
 * a plain access.
 */

export type NumberKind = 'int' | 'float';

export interface RowLayout {
  readonly fields: readonly string[];
  readonly kinds: readonly NumberKind[];
  /** In units of 8 bytes. */
  readonly doublesPerRow: number;
  /**
   * Fills a row; `ints` and `floats` are the same memory, seen twice. `fitted`; `unfit` if the value is no such object; or
   * the first field that can't be an integer any more. After the last two the row is void.
   */
  put(ints: Int32Array, floats: Float64Array, row: number, value: unknown): number;
  /** A new object each time; undefined if the row is empty. */
  get(ints: Int32Array, floats: Float64Array, row: number): object | undefined;
  /** Writes what `ValueWriter.write` would of the object. The row is not empty. */
  write(ints: Int32Array, floats: Float64Array, row: number, out: ValueWriter): void;
}

/** Objects with more fields stay objects: their compiled functions would be long. */
const fieldsMax = 15;
/** A float with its marker. */
const numberBytesMax = 9;

/** The fields of an object that can be a row; nothing for everything else. */
export function rowFieldsOf(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlainObject(value)) return undefined;
  const fields = Object.keys(value);
  const fits = fields.length > 0 && fields.length <= fieldsMax && fields.every((field) => typeof value[field] === 'number');
  return fits && !fields.includes('__proto__') && Object.getPrototypeOf(value) === Object.prototype ? fields : undefined;
}

const layoutsKept = 1024;
const known = new Map<string, RowLayout>();

export function rowLayout(fields: readonly string[], kinds: readonly NumberKind[]): RowLayout {
  const name = JSON.stringify([fields, kinds]);
  let layout = known.get(name);
  if (layout === undefined) {
    layout = compile(fields, kinds);
    if (known.size >= layoutsKept) known.clear();
    known.set(name, layout);
  }
  return layout;
}

function compile(fields: readonly string[], kinds: readonly NumberKind[]): RowLayout {
  const { doublesPerRow, places } = placesOf(kinds);
  const flag = `ints[row * ${doublesPerRow * 2}]`;
  // Field names come as string literals, so no name can be more than a name.
  const names = fields.map((field) => JSON.stringify(field));
  const puts = places.map((place, i) => {
    const value = `value${i}`;
    const narrow = kinds[i] === 'int' ? `if (${noInteger(value)}) return ${i}; ` : '';
    return `if (typeof ${value} !== 'number') return ${unfit}; ${narrow}${place} = ${value};`;
  });
  const pieces = encodedNames(fields);
  const room = pieces.reduce((sum, piece) => sum + piece.byteLength + numberBytesMax, 0);
  const make = new Function(
    'fields',
    'pieces',
    `return {
      put(ints, floats, row, object) {
        ${takeApart(fields)}
        ${puts.join('\n        ')}
        ${flag} = 1;
        return ${fitted};
      },
      get(ints, floats, row) {
        return ${flag} === 0 ? undefined : { ${places.map((place, i) => `${names[i]}: ${place}`).join(', ')} };
      },
      write(ints, floats, row, out) {
        out.reserve(${room});
        ${places.map((place, i) => `out.writePiece(pieces[${i}]); out.writeNumber(${place});`).join('\n        ')}
      },
    };`,
  ) as (fields: readonly string[], pieces: readonly Uint8Array[]) => Pick<RowLayout, 'put' | 'get' | 'write'>;
  return { fields, kinds, doublesPerRow, ...make(fields, pieces) };
}

/** Where each field of row `row` lies, as the compiled functions say it. */
function placesOf(kinds: readonly NumberKind[]): { readonly doublesPerRow: number; readonly places: readonly string[] } {
  const ints = kinds.filter((kind) => kind === 'int').length;
  const floatsFrom = Math.ceil((1 + ints) / 2);
  const doublesPerRow = floatsFrom + kinds.length - ints;
  let int = 1;
  let float = floatsFrom;
  const places = kinds.map((kind) =>
    kind === 'int' ? `ints[row * ${doublesPerRow * 2} + ${int++}]` : `floats[row * ${doublesPerRow} + ${float++}]`,
  );
  return { doublesPerRow, places };
}

/** What stands before each number in an object at rest: the first piece begins with the object's header. */
function encodedNames(fields: readonly string[]): readonly Uint8Array[] {
  return fields.map((field, i) => {
    const name = encodeValue(field);
    return i === 0 ? Uint8Array.of(encodeValue(Object.fromEntries(fields.map((each) => [each, 0])))[0]!, ...name) : name;
  });
}
