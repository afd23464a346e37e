const mask = 0xffff_ffff_ffff_ffffn;
const c1 = 0x87c3_7b91_1142_53d5n;
const c2 = 0x4cf5_ad43_2745_937fn;

const rotateLeft = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (64n - bits))) & mask;

const mixLow = (word: bigint): bigint => (rotateLeft((word * c1) & mask, 31n) * c2) & mask;
const mixHigh = (word: bigint): bigint => (rotateLeft((word * c2) & mask, 33n) * c1) & mask;

function finalMix(word: bigint): bigint {
  let mixed = word ^ (word >> 33n);
  mixed = (mixed * 0xff51_afd7_ed55_8ccdn) & mask;
  mixed ^= mixed >> 33n;
  mixed = (mixed * 0xc4ce_b9fe_1a85_ec53n) & mask;
  return mixed ^ (mixed >> 33n);
}

/** Up to eight bytes from `offset` as a little-endian number; what lies beyond the end counts as zero. */
function wordAt(bytes: Uint8Array, offset: number): bigint {
  let word = 0n;
  for (let i = Math.min(7, bytes.byteLength - 1 - offset); i >= 0; i--) word = (word << 8n) | BigInt(bytes[offset + i]!);
  return word;
}

/**
 * MurmurHash3, x64, 128 bits, seed 0, as 16 bytes in digest order: what Flink makes operator ids with (through Guava).
 * In big integers, since it runs a few times per graph, never per record.
 */
export function murmur3x128(bytes: Uint8Array): Uint8Array {
  const length = bytes.byteLength;
  const whole = length - (length % 16);
  let h1 = 0n;
  let h2 = 0n;
  for (let offset = 0; offset < whole; offset += 16) {
    h1 = (rotateLeft(h1 ^ mixLow(wordAt(bytes, offset)), 27n) + h2) & mask;
    h1 = (h1 * 5n + 0x52dc_e729n) & mask;
    h2 = (rotateLeft(h2 ^ mixHigh(wordAt(bytes, offset + 8)), 31n) + h1) & mask;
    h2 = (h2 * 5n + 0x3849_5ab5n) & mask;
  }
  // A word of zero mixes to zero, so that a missing tail changes nothing.
  h1 ^= mixLow(wordAt(bytes, whole));
  h2 ^= mixHigh(wordAt(bytes, whole + 8));

  h1 ^= BigInt(length);
  h2 ^= BigInt(length);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  h1 = finalMix(h1);
  h2 = finalMix(h2);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;

  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  view.setBigUint64(0, h1, true);
  view.setBigUint64(8, h2, true);
  return digest;
}
