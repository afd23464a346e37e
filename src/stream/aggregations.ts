import { WeirError } from '../base/errors.ts';
import type { ReduceFunction } from './functions.ts';

/*
 * The reductions behind `sum`, `min`, `max`, `minBy` and `maxBy`, by Flink's rules: `sum`, `min` and `max` keep the first
 * element of a key and change one field of it; `minBy` and `maxBy` give the whole element that has the extreme.
 */

type Fields = Readonly<Record<string, unknown>>;
type Comparable = number | bigint | string | Date;

export const sumOf = (field: string): ReduceFunction<unknown> =>
  combine((sum, element) => {
    const [a, b] = [summand(sum, field), summand(element, field)];
    if (typeof a === 'number' && typeof b === 'number') return { ...sum, [field]: a + b };
    if (typeof a === 'bigint' && typeof b === 'bigint') return { ...sum, [field]: a + b };
    throw invalidField('sum', field, b, `a ${typeof a}, as it was before`);
  });

export const minOf = (field: string): ReduceFunction<unknown> =>
  combine((least, element) => (isLess(element, least, field) ? { ...least, [field]: element[field] } : least));

export const maxOf = (field: string): ReduceFunction<unknown> =>
  combine((greatest, element) => (isLess(greatest, element, field) ? { ...greatest, [field]: element[field] } : greatest));

/** Of equals the first. */
export const minByOf = (field: string): ReduceFunction<unknown> =>
  combine((least, element) => (isLess(element, least, field) ? element : least));

export const maxByOf = (field: string): ReduceFunction<unknown> =>
  combine((greatest, element) => (isLess(greatest, element, field) ? element : greatest));

const combine =
  (reduce: (accumulated: Fields, element: Fields) => Fields): ReduceFunction<unknown> =>
  (accumulated, element) =>
    reduce(accumulated as Fields, element as Fields);

function summand(element: Fields, field: string): number | bigint {
  const value = element[field];
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw invalidField('sum', field, value, 'a number or a bigint');
}

function isLess(a: Fields, b: Fields, field: string): boolean {
  return comparable(a, field) < comparable(b, field);
}

function comparable(element: Fields, field: string): Comparable {
  const value = element[field];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' || value instanceof Date) return value;
  throw invalidField('compare', field, value, 'a number, a bigint, a string or a date');
}

function invalidField(what: string, field: string, found: unknown, expected: string): WeirError {
  return new WeirError({
    code: 'AGGREGATE_FIELD_INVALID',
    domain: 'program',
    message: `To ${what} field "${field}" it must be ${expected}, but found ${found === undefined ? 'nothing' : `a ${typeof found}`}.`,
    advice: 'Name a field that every element has, always of the same kind, or use .reduce(...).',
  });
}
