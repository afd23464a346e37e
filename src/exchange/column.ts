import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { checkPlain, isPlainObject, valueDepthMax } from '../values/plain-value.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';
import type { Records } from './api.ts';
import { decodeNumbers, decodeTyped, encodeNumbers, type NumberColumn } from './number-column.ts';
import { shapeOf } from './shape.ts';
import { canBeShaped, ShapedRecords } from './shaped-records.ts';
import { decodeTexts, encodeTexts, type TextColumn } from './text-column.ts';

/*
 * A column of values at rest, exact for all plain data: what comes out equals what went in, down to -0, NaN, undefined
 * fields and the order of fields. Values of one kind are encoded together; a column of several kinds is a list of
 * which kind stands where and a column for each. Objects are taken apart by shape and lists are joined, so that in
 * the end there are only columns of numbers, strings and the like.
 */
export type Column = readonly [kind: Kind | 'mixed', ...parts: unknown[]];

const kinds = ['undefined', 'null', 'boolean', 'number', 'string', 'bigint', 'date', 'bytes', 'list', 'object'] as const;
type Kind = (typeof kinds)[number];

export function encodeColumn(values: readonly unknown[], depth = 0): Column {
  if (depth > valueDepthMax) throw notPlain(values[0]);
  const first = kindOf(values[0]);
  let uniform = true;
  for (let i = 1; i < values.length && uniform; i++) uniform = kindOf(values[i]) === first;
  return uniform ? encodeUniform(first, values, depth) : encodeMixed(values, depth);
}

export function decodeColumn(column: Column, count: number): unknown[] {
  const [kind, ...parts] = column;
  if (kind !== 'mixed') return decodeUniform(kind, parts, count);
  const [places, columns] = parts as [NumberColumn, readonly (readonly [number, Column])[]];
  const kindAt = decodeNumbers(places, count);
  const remaining = columns.map(([ofKind, part]) => decodeColumn(part, ofKind).values());
  return kindAt.map((at) => {
    const next = remaining[at]?.next();
    assert(next !== undefined && !next.done, 'a mixed column has a value for each place');
    return next.value;
  });
}

/** What `encodeColumn` would give for these objects. */
export function encodeShaped(records: ShapedRecords): Column {
  const columns = records.fields.map((_, field) => {
    const column = records.column(field);
    return records.isNumeric(field)
      ? ['number', encodeNumbers(column as ArrayLike<number>)]
      : encodeColumn(column as readonly unknown[], 1);
  });
  return ['object', null, [[records.length, records.fields, columns]]];
}

/** The same as `decodeColumn`, but objects of one shape stay columns. */
export function decodeRecords(column: Column, count: number): Records {
  const [kind, places, groups] = column as readonly [Column[0], NumberColumn | null, ObjectGroups];
  if (kind !== 'object' || places !== null || !canBeShaped(groups[0]![1])) return decodeColumn(column, count);
  const [members, fields, columns] = groups[0]!;
  assert(members === count, 'a column has as many objects as values');
  return ShapedRecords.of(
    fields,
    columns.map((each) => (each[0] === 'number' ? decodeTyped(each[1] as NumberColumn, count) : decodeColumn(each, count))),
    count,
  );
}

type ObjectGroups = readonly (readonly [members: number, fields: readonly string[], columns: readonly Column[]])[];

function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return typeof value as Kind;
    case 'object':
      if (value === null) return 'null';
      if (value.constructor === Object) return 'object';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Date) return 'date';
      if (value instanceof Uint8Array) return 'bytes';
      if (isPlainObject(value)) return 'object';
      throw notPlain(value);
    default:
      throw notPlain(value);
  }
}

function encodeUniform(kind: Kind, values: readonly unknown[], depth: number): Column {
  switch (kind) {
    case 'undefined':
    case 'null':
      return [kind];
    case 'boolean':
      return [kind, encodeNumbers(values.map(Number))];
    case 'number':
      return [kind, encodeNumbers(values as readonly number[])];
    case 'string':
      return [kind, encodeTexts(values as readonly string[])];
    case 'date':
      return [kind, encodeNumbers((values as readonly Date[]).map((date) => date.getTime()))];
    case 'bigint':
      return [kind, encodeValue(values)];
    case 'bytes':
      return [
        kind,
        encodeValue((values as readonly Uint8Array[]).map((bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
      ];
    case 'list': {
      const lists = values as readonly (readonly unknown[])[];
      const elements = lists.flatMap((list) => Array.from(list));
      return [
        kind,
        encodeNumbers(lists.map((list) => list.length)),
        elements.length,
        elements.length === 0 ? [] : encodeColumn(elements, depth + 1),
      ];
    }
    case 'object':
      return encodeObjects(values as readonly object[], depth);
  }
}

function decodeUniform(kind: Kind, parts: readonly unknown[], count: number): unknown[] {
  switch (kind) {
    case 'undefined':
      return new Array<undefined>(count).fill(undefined);
    case 'null':
      return new Array<null>(count).fill(null);
    case 'boolean':
      return decodeNumbers(parts[0] as NumberColumn, count).map((flag) => flag === 1);
    case 'number':
      return decodeNumbers(parts[0] as NumberColumn, count);
    case 'string':
      return decodeTexts(parts[0] as TextColumn, count);
    case 'date':
      return decodeNumbers(parts[0] as NumberColumn, count).map((time) => new Date(time));
    case 'bigint':
    case 'bytes':
      return decodeValue(parts[0] as Uint8Array) as unknown[];
    case 'list': {
      const [lengths, elementCount, column] = parts as [NumberColumn, number, Column];
      const elements = elementCount === 0 ? [] : decodeColumn(column, elementCount);
      let offset = 0;
      return decodeNumbers(lengths, count).map((length) => {
        offset += length;
        return elements.slice(offset - length, offset);
      });
    }
    case 'object':
      return decodeObjects(parts, count);
  }
}

function encodeMixed(values: readonly unknown[], depth: number): Column {
  const byKind = new Map<Kind, { readonly index: number; readonly values: unknown[] }>();
  const places = values.map((value) => {
    const kind = kindOf(value);
    let group = byKind.get(kind);
    if (group === undefined) {
      group = { index: byKind.size, values: [] };
      byKind.set(kind, group);
    }
    group.values.push(value);
    return group.index;
  });
  return [
    'mixed',
    encodeNumbers(places),
    [...byKind].map(([kind, group]) => [group.values.length, encodeUniform(kind, group.values, depth)]),
  ];
}

/** Several shapes are told apart as several kinds are. */
function encodeObjects(objects: readonly object[], depth: number): Column {
  const groups: { readonly shape: ReturnType<typeof shapeOf>; readonly objects: object[] }[] = [];
  const byName = new Map<string, number>();
  let last = -1;
  const places = objects.map((object) => {
    if (last === -1 || !groups[last]!.shape.fits(object)) last = groupOf(object);
    groups[last]!.objects.push(object);
    return last;
  });
  function groupOf(object: object): number {
    const fields = Object.keys(object);
    const name = JSON.stringify(fields);
    let index = byName.get(name);
    if (index === undefined) {
      if (fields.includes('__proto__')) throw notPlain(object);
      index = groups.length;
      byName.set(name, index);
      groups.push({ shape: shapeOf(fields), objects: [] });
    }
    return index;
  }
  const columns = groups.map(({ shape, objects: members }) => [
    members.length,
    shape.fields,
    shape.split(members).map((column) => encodeColumn(column, depth + 1)),
  ]);
  return ['object', groups.length === 1 ? null : encodeNumbers(places), columns];
}

function decodeObjects(parts: readonly unknown[], count: number): unknown[] {
  const [places, groups] = parts as [NumberColumn | null, ObjectGroups];
  const objects = groups.map(([members, fields, columns]) =>
    shapeOf(fields).join(
      columns.map((column) => decodeColumn(column, members)),
      members,
    ),
  );
  if (places === null) {
    assert(objects[0]?.length === count, 'a column has as many objects as values');
    return objects[0];
  }
  const next = objects.map(() => 0);
  return decodeNumbers(places, count).map((group) => {
    const object = objects[group]?.[next[group]!++];
    assert(object !== undefined, 'a column of several shapes has an object for each place');
    return object;
  });
}

function notPlain(value: unknown): WeirError {
  return new WeirError({
    code: 'VALUE_NOT_PLAIN',
    domain: 'program',
    message: `Records must be plain data (null, booleans, numbers, bigint, strings, dates, byte arrays, lists and plain objects), but ${checkPlain(value) ?? 'this one is not'}.`,
    advice: 'Turn it into plain data before it leaves the operator.',
  });
}
