import { WeirError } from '../base/errors.ts';
import type { Key } from './key.ts';

/*
 * Which key group a key belongs to, as Flink computes it: murmur of Java's hash code, modulo max parallelism. Every
 * record that crosses a keyBy comes through here, so primitive keys are hashed without an allocation.
 *
 * 1. Keys with one canonical form have one hash; keys of different kinds may share a hash (1 and 1n do, as in Java).
 * 2. A key's hash never changes between versions: stored state is divided by it.
 */

/** The key group of a key: from 0 to `maxParallelism` - 1. */
export function keyGroupOf(key: Key, maxParallelism: number): number {
  return murmurOfHash(hashOfKey(key)) % maxParallelism;
}

/**
 * Java's `hashCode()` of what the key would be in Java: String; Integer, Long or Double for numbers, the first that
 * holds it; Boolean; Long or BigInteger for bigint. Lists hash as `java.util.Arrays.hashCode`; objects as the list of
 * their field names and values, sorted by name. A signed 32-bit number. Refuses what is no key (KEY_INVALID).
 */
export function hashOfKey(key: Key): number {
  switch (typeof key) {
    case 'number':
      return (key | 0) === key ? key | 0 : hashOfNumber(key);
    case 'string':
      return hashOfString(key);
    case 'boolean':
      return key ? 1231 : 1237;
    case 'bigint':
      return hashOfBigint(key);
    case 'object':
      if (Array.isArray(key)) return hashOfList(key);
      if (key !== null) return hashOfObject(key as { readonly [field: string]: Key });
      throw invalidKey('null');
    default:
      throw invalidKey(typeof key);
  }
}

/** Flink's `MathUtils.murmurHash`: spreads a 32-bit hash; the result is never negative. */
export function murmurOfHash(hash: number): number {
  let code = Math.imul(hash, 0xcc9e2d51);
  code = (code << 15) | (code >>> 17);
  code = Math.imul(code, 0x1b873593);
  code = (code << 13) | (code >>> 19);
  code = (Math.imul(code, 5) + 0xe6546b64) | 0;
  code ^= 4;
  code = Math.imul(code ^ (code >>> 16), 0x85ebca6b);
  code = Math.imul(code ^ (code >>> 13), 0xc2b2ae35);
  code ^= code >>> 16;
  if (code >= 0) return code;
  return code === -0x8000_0000 ? 0 : -code;
}

function hashOfString(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

const double = new DataView(new ArrayBuffer(8));

function hashOfNumber(value: number): number {
  // Bitwise operators take a number modulo 2^32, which is its low word in two's complement.
  if (Number.isSafeInteger(value)) return Math.floor(value / 0x1_0000_0000) ^ (value | 0);
  if (Number.isNaN(value)) throw invalidKey('NaN');
  double.setFloat64(0, value);
  return double.getInt32(0) ^ double.getInt32(4);
}

function hashOfBigint(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return Number(BigInt.asIntN(32, value ^ (value >> 32n)));
  let hash = 0;
  const digits = (value < 0n ? -value : value).toString(16);
  const words = digits.padStart(Math.ceil(digits.length / 8) * 8, '0');
  for (let i = 0; i < words.length; i += 8) hash = (Math.imul(hash, 31) + Number.parseInt(words.slice(i, i + 8), 16)) | 0;
  return value < 0n ? -hash | 0 : hash;
}

function hashOfList(list: readonly Key[]): number {
  let hash = 1;
  for (const item of list) hash = (Math.imul(hash, 31) + hashOfKey(item)) | 0;
  return hash;
}

function hashOfObject(key: { readonly [field: string]: Key }): number {
  let hash = 1;
  for (const field of Object.keys(key).sort()) {
    hash = (Math.imul(hash, 31) + hashOfString(field)) | 0;
    hash = (Math.imul(hash, 31) + hashOfKey(key[field]!)) | 0;
  }
  return hash;
}

function invalidKey(found: string): WeirError {
  return new WeirError({
    code: 'KEY_INVALID',
    domain: 'program',
    message: `A key must be a string, number, boolean or bigint, or a list or plain object of these; found ${found}.`,
    advice: 'Let keyBy return a value of these kinds for every record.',
  });
}
