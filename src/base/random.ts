import { randomBytes } from 'node:crypto';

/** Where chance comes from. Nothing else in Weir calls a random generator, so that a run can be repeated from a seed. */
export interface Random {
  /** `bytes` random bytes as lower-case hex: a job id is hex(16), a nonce hex(8). */
  hex(bytes: number): string;
  /** A number in [0, 1). */
  fraction(): number;
}

export const systemRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  fraction: () => Math.random(),
};

/** A repeatable source (sfc32 over a splitmix-spread seed); not for secrets. */
export function seededRandom(seed: number | string): Random {
  let spread = 0x9e3779b9;
  for (const character of String(seed)) spread = Math.imul(spread ^ character.codePointAt(0)!, 0x85ebca6b) ^ (spread >>> 15);
  const nextWord = () => {
    spread = (spread + 0x9e3779b9) | 0;
    let word = Math.imul(spread ^ (spread >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let a = nextWord();
  let b = nextWord();
  let c = nextWord();
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  return {
    hex(bytes) {
      let text = '';
      for (let i = 0; i < bytes; i++) text += (next() >>> 24).toString(16).padStart(2, '0');
      return text;
    },
    fraction: () => next() / 0x1_0000_0000,
  };
}
