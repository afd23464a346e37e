// Two keys that share a canonical form would share their state; one with two forms would lose half of it.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey, compareCanonicalKeys } from '../../src/values/canonical-key.ts';
import type { Key } from '../../src/values/key.ts';
import { keys } from './arbitrary-values.ts';

const normal = (key: Key): unknown => {
  if (typeof key === 'number') return key + 0;
  if (typeof key !== 'object') return key;
  if (Array.isArray(key)) return key.map(normal);
  return Object.fromEntries(Object.entries(key).map(([name, value]) => [name, normal(value)]));
};

describe('canonical keys', () => {
  it('are equal if and only if the keys are equal by value', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => (canonicalKey(a) === canonicalKey(b)) === isDeepStrictEqual(normal(a), normal(b))),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('of primitives are the primitives themselves', () => {
    for (const key of ['a', '', 0, 1.5, true, false, 7n]) expect(canonicalKey(key)).toBe(key);
    expect(Object.is(canonicalKey(-0), 0)).toBe(true);
    expect(canonicalKey('\u0000a')).toBe('\u0000\u0000a');
  });

  it('keep kinds apart', () => {
    const apart: Key[] = [1, '1', 1n, true, [1], ['1'], [1n], [true], { 0: 1 }, [[1]], '[n1;]', '\u0000[n1;]', [], {}, ['', ''], [',']];
    expect(new Set(apart.map(canonicalKey)).size).toBe(apart.length);
  });

  it('do not depend on the order of fields', () => {
    expect(canonicalKey({ b: 1, a: [2] })).toBe(canonicalKey({ a: [2], b: 1 }));
  });

  it('compare in a total order', () => {
    fc.assert(
      fc.property(keys, keys, keys, (x, y, z) => {
        const [a, b, c] = [canonicalKey(x), canonicalKey(y), canonicalKey(z)] as const;
        expect(Math.sign(compareCanonicalKeys(a, b))).toBe(0 - Math.sign(compareCanonicalKeys(b, a)) + 0);
        expect(compareCanonicalKeys(a, b) === 0).toBe(a === b);
        if (compareCanonicalKeys(a, b) <= 0 && compareCanonicalKeys(b, c) <= 0) expect(compareCanonicalKeys(a, c)).toBeLessThanOrEqual(0);
      }),
      { seed: 5, numRuns: 1000 },
    );
  });

  const cycle: unknown[] = [];
  cycle.push({ again: cycle });
  it.each<[unknown, string]>([
    [Number.NaN, 'found NaN.'],
    [undefined, 'found undefined.'],
    [null, 'found null.'],
    [() => 1, 'found function.'],
    [[1, Number.NaN], 'found NaN at [1].'],
    [{ a: { b: [1, undefined] } }, 'found undefined at .a.b[1].'],
    [{ at: new Date(0) }, 'found an instance of Date at .at.'],
    [new Map(), 'found an instance of Map.'],
    [cycle, 'contains itself'],
    [new Array(2), 'found undefined at [0].'],
    ['\ud800', 'half of a surrogate pair.'],
    [JSON.parse('{"__proto__": 1}'), 'a field named "__proto__".'],
  ])('%o is refused with its path', (key, text) => {
    expect(() => canonicalKey(key as Key)).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID', domain: 'program', message: expect.stringContaining(text) }),
    );
  });
});
