// What a sum or an extreme keeps of the other fields follows Flink; a wrong choice would show first in a job moved from there.
import { describe, expect, test } from 'vitest';
import { maxByOf, maxOf, minByOf, minOf, sumOf } from '../../src/stream/aggregations.ts';
import type { ReduceFunction } from '../../src/stream/functions.ts';

const elements = [
  { id: 'a', value: 5 },
  { id: 'b', value: 2 },
  { id: 'c', value: 9 },
  { id: 'd', value: 2 },
  { id: 'e', value: 9 },
];
const over = (reduce: ReduceFunction<unknown>, values: readonly unknown[] = elements) => values.reduce(reduce);

describe('an aggregation of a field', () => {
  test('changes that field of the first element, by sum, min and max', () => {
    expect(over(sumOf('value'))).toEqual({ id: 'a', value: 27 });
    expect(over(minOf('value'))).toEqual({ id: 'a', value: 2 });
    expect(over(maxOf('value'))).toEqual({ id: 'a', value: 9 });
  });

  test('gives the whole element, by minBy and maxBy, of equals the first', () => {
    expect(over(minByOf('value'))).toEqual({ id: 'b', value: 2 });
    expect(over(maxByOf('value'))).toEqual({ id: 'c', value: 9 });
  });

  test('sums bigints, and compares bigints, strings and dates', () => {
    expect(over(sumOf('n'), [{ n: 1n }, { n: 2n }])).toEqual({ n: 3n });
    expect(over(maxOf('id'), elements)).toEqual({ id: 'e', value: 5 });
    expect(over(minByOf('at'), [{ at: new Date(2) }, { at: new Date(1) }])).toEqual({ at: new Date(1) });
  });

  test('leaves the elements as they are', () => {
    const frozen = elements.map((element) => Object.freeze({ ...element }));
    expect(over(sumOf('value'), frozen)).toEqual({ id: 'a', value: 27 });
  });

  test('names the field that is missing or of another kind', () => {
    expect(() => over(sumOf('delay'))).toThrow('To sum field "delay" it must be a number or a bigint, but found nothing.');
    expect(() => over(sumOf('n'), [{ n: 1 }, { n: 1n }])).toThrow('must be a number, as it was before, but found a bigint.');
    expect(() => over(minOf('id'), [{ id: 'a' }, { id: null }])).toThrow('To compare field "id"');
  });
});
