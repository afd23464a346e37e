// Catches: a sample that never ends, one that begins again by itself, and policies that freeze what they should not.
import { expect, test } from 'vitest';
import { FreezeSample } from '../../src/values/freeze-sample.ts';

const frozen = (sample: FreezeSample, count: number) =>
  Array.from({ length: count }, (_, id) => Object.isFrozen(sample.of({ id }))).filter((each) => each).length;

test('a sample freezes the first values of an epoch, in all their depth, and no others', () => {
  const sample = new FreezeSample('sample');
  const deep = sample.of({ list: [{ a: 1 }] });
  expect([deep.list, deep.list[0]].every(Object.isFrozen)).toBe(true);
  expect(frozen(sample, 1_000)).toBe(31);
  expect(frozen(sample, 1_000)).toBe(0);
  sample.refill();
  expect(frozen(sample, 1_000)).toBe(32);
});

test('what is no object, or is frozen already, is passed on as it is', () => {
  const sample = new FreezeSample('sample');
  for (let i = 0; i < 100; i++) expect([sample.of(undefined), sample.of(null), sample.of('a')]).toEqual([undefined, null, 'a']);
  const kept = Object.freeze({ a: 1 });
  expect(sample.of(kept)).toBe(kept);
  expect(frozen(sample, 100)).toBe(31);
});

test('all or none are frozen for good', () => {
  expect(frozen(new FreezeSample('all'), 1_000)).toBe(1_000);
  expect(frozen(new FreezeSample('none'), 1_000)).toBe(0);
});

test('a list is frozen without a look at its elements, which were frozen when they were added', () => {
  const list = [{ a: 1 }];
  expect(Object.isFrozen(new FreezeSample('sample').list(list))).toBe(true);
  expect(Object.isFrozen(list[0])).toBe(false);
  expect(Object.isFrozen(new FreezeSample('none').list([1]))).toBe(false);
});
