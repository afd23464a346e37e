// Catches: a changed type of state that a restore lets pass, or a harmless change that it refuses.
import { describe, expect, it } from 'vitest';
import { type TypeDescription, t, valueState } from '../../src/index.ts';
import { typeChange } from '../../src/values/type-change.ts';

const change = (before: TypeDescription<unknown>, now: TypeDescription<unknown>) => typeChange(before.description, now.description);
const point = t.object({ x: t.int, y: t.int });

describe('values of one declared type are of another', () => {
  it.each<readonly [string, TypeDescription<unknown>, TypeDescription<unknown>]>([
    ['the same', point, t.object({ y: t.int, x: t.int })],
    ['with a field less', point, t.object({ x: t.int })],
    ['with a field more', point, t.object({ x: t.int, y: t.int, z: t.string })],
    ['whole numbers that are numbers', t.list(t.int), t.list(t.number)],
    ['a field that may be missing now', point, t.object({ x: t.optional(t.int), y: t.int })],
    ['one of several kinds', t.string, t.union(t.string, t.int)],
    ['all of several kinds', t.union(t.string, t.int), t.union(t.number, t.string, t.null)],
    ['anything', t.map(t.string, point), t.any],
    ['what nobody declared', t.any, point],
  ])('if they are %s', (_what, before, now) => {
    expect(change(before, now)).toBeUndefined();
  });
});

describe('values of one declared type are not of another', () => {
  it.each<
    readonly [
      string,
      TypeDescription<unknown>,
      TypeDescription<unknown>,
      { readonly at: string; readonly before: string; readonly now: string },
    ]
  >([
    ['of another kind', t.string, t.int, { at: '', before: 'string', now: 'int' }],
    ['no longer whole', t.number, t.int, { at: '', before: 'number', now: 'int' }],
    ['with a field of another type', point, t.object({ y: t.string }), { at: ' at .y', before: 'int', now: 'string' }],
    [
      'with elements of another type',
      t.object({ all: t.list(t.string) }),
      t.object({ all: t.list(t.date) }),
      { at: ' at .all[]', before: 'string', now: 'date' },
    ],
    ['maps of another key', t.map(t.string, t.int), t.map(t.int, t.int), { at: ' at [0]', before: 'string', now: 'int' }],
    ['of several kinds, one of which is gone', t.union(t.string, t.int), t.string, { at: '', before: 'int', now: 'string' }],
    [
      'tuples of another length',
      t.tuple(t.int),
      t.tuple(t.int, t.int),
      { at: '', before: '{"tuple":["int"]}', now: '{"tuple":["int","int"]}' },
    ],
    ['an object now', t.bytes, point, { at: '', before: 'bytes', now: '{"object":{"x":"int","y":"int"}}' }],
  ])('if they are %s', (_what, before, now, expected) => {
    expect(change(before, now)).toEqual(expected);
  });
});

it('a declared type is what the values are, to the compiler too', () => {
  const state = valueState({
    version: 2,
    migrate: (old, fromVersion) => (fromVersion === 1 ? { sum: old as number, count: 0 } : (old as { sum: number; count: number })),
    type: t.object({ sum: t.number, count: t.int }),
  });
  const typed: { readonly sum: number; readonly count: number } | undefined = state.type;
  // @ts-expect-error: of another type than it says.
  valueState<number>({ type: t.string });
  expect([typed, state.description, state.version]).toEqual([undefined, { object: { sum: 'number', count: 'int' } }, 2]);
});
