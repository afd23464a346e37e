import { type Key, maxWatermark } from '../../../src/index.ts';
import type { Draws } from './draws.ts';

/** What all streams of a random program carry: so any operator can follow any other. */
export interface Item {
  readonly id: string;
  /** A small whole number, by which keys are made. */
  readonly k: number;
  /** From 0 to 1008. */
  readonly n: number;
  /** Event time in milliseconds, from 0 on. */
  readonly at: number;
  /** Plain data of any kind. */
  readonly extra?: unknown;
}

/** n is below this. */
const valuesOfN = 1009;

/** Two numbers in, one out that looks like neither; from 0 to 2^31. */
export function mix(a: number, b: number): number {
  let word = Math.imul(a ^ (b + 0x7f4a7c15), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 1;
}

export const withN = (item: Item, n: number): Item => ({ ...item, n: n % valuesOfN });

/** A value of some kind of plain data, the same for the same number. */
export function payload(n: number): unknown {
  switch (n % 9) {
    case 0:
      return n;
    case 1:
      return `text ${n} \u{1f30a}`;
    case 2:
      return new Date(n * 1_000);
    case 3:
      return BigInt(n) * 10n ** 18n;
    case 4:
      return new Uint8Array([n % 256, 1, 2]);
    case 5:
      return { a: [n, null, { b: true }], c: n / 8 };
    case 6:
      return null;
    case 7:
      return [n, `${n}`, -n];
    default:
      return -n * 2 ** 33;
  }
}

/** All that a stream can be keyed by, from the number that an item has for it. */
const keysOf: readonly ((k: number) => Key)[] = [
  (k) => k,
  (k) => `key ${k}`,
  (k) => k % 2 === 0,
  (k) => BigInt(k) - 2n,
  (k) => [k % 2, `k${k}`],
  (k) => ({ k, odd: k % 2 === 1 }),
  (k) => k / 4 - 0.5,
  (k) => (k - 3) * 2 ** 33,
  (k) => `\u0000${k}é\u{1f30a}`,
  (k) => [[], { nested: [k, `${k}`, k % 3 === 0] }],
];

/** A way to key items, chosen by number. */
export const keyOf =
  (way: number): ((item: { readonly k: number }) => Key) =>
  ({ k }) =>
    keysOf[way % keysOf.length]!(k);

/** A number for a key, of any kind. */
export const numberOf = (key: Key): number => {
  const text = JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return [...text].reduce((sum, character) => mix(sum, character.codePointAt(0)!), 7);
};

/** An event time that timers can be set around; not the end of time. */
export const timeOf = (item: Item, timestamp: number | undefined): number =>
  timestamp === undefined || timestamp > maxWatermark / 2 ? item.at : timestamp;

/** Milliseconds between items. */
const spacingMs = 100;

/** Items of a source in the order of their times, but for `disorderMs`. */
export function drawItems(draws: Draws, name: string, count: number, disorderMs: number): readonly Item[] {
  const keys = draws.oneOf([1, 1, 2, 3, 5, 8]);
  return Array.from({ length: count }, (_, index) => {
    const item = { id: `${name}${index}`, k: draws.below(keys), n: draws.below(valuesOfN) };
    const at = Math.max(0, index * spacingMs - draws.between(0, disorderMs));
    return draws.chance(0.3) ? { ...item, at, extra: payload(draws.below(100)) } : { ...item, at };
  });
}
