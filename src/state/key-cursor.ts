import { assert } from '../base/assert.ts';
import { type CanonicalKey, canonicalKey } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';

/** An operator's current key. What can be derived from it is derived when somebody asks, at most once. */
export class KeyCursor {
  /** Goes up whenever the key may have changed: what was looked up under another version is void. */
  version = 0;
  readonly #maxParallelism: number;
  #key: Key | undefined = undefined;
  #keyGroup = -1;
  #canonical: CanonicalKey | undefined = undefined;

  constructor(maxParallelism: number) {
    this.#maxParallelism = maxParallelism;
  }

  set(key: Key, keyGroup: number, canonical?: CanonicalKey): void {
    if (key === this.#key) return;
    this.#key = key;
    this.#keyGroup = keyGroup;
    this.#canonical = canonical;
    this.version++;
  }

  reset(): void {
    this.#key = undefined;
    this.version++;
  }

  get key(): Key {
    assert(this.#key !== undefined, 'keyed state is used with a current key');
    return this.#key;
  }

  get keyGroup(): number {
    if (this.#keyGroup === -1) this.#keyGroup = keyGroupOf(this.key, this.#maxParallelism);
    return this.#keyGroup;
  }

  get canonical(): CanonicalKey {
    if (this.#canonical === undefined) this.#canonical = canonicalKey(this.key);
    return this.#canonical;
  }
}
