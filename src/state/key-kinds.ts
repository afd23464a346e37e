import { WeirError } from '../base/errors.ts';
import type { KeyKind } from '../protocol/acknowledgement.ts';
import type { Key } from '../values/key.ts';
import { describeKey } from './describe-key.ts';

const kinds: readonly KeyKind[] = ['bigint', 'boolean', 'number', 'object', 'string', 'tuple'];

function kindOf(key: Key): KeyKind {
  const type = typeof key;
  return type === 'object' ? (Array.isArray(key) ? 'tuple' : 'object') : (type as KeyKind);
}

/**
 * What kinds of keys an operator's state is by: for a later restore to compare. While state is still as a restore found it,
 * a new key of another kind is refused, since it would never find what it should.
 */
export class KeyKinds {
  readonly #operator: string;
  /** One bit per kind. */
  #seen = 0;
  #restored = 0;

  constructor(operator: string) {
    this.#operator = operator;
  }

  get seen(): readonly KeyKind[] {
    return kinds.filter((_, bit) => (this.#seen & (1 << bit)) !== 0);
  }

  /** Of a key that was read. */
  load(key: Key): void {
    this.#seen |= bitOf(key);
  }

  /** Of a key that the program added. */
  add(key: Key): void {
    const bit = bitOf(key);
    if (this.#restored !== 0 && (this.#restored & bit) === 0) throw this.#changed(key);
    this.#seen |= bit;
  }

  /** From now on keys must be of the kinds that were read, if there were any; or may be of any kind. */
  guard(guarded: boolean): void {
    this.#restored = guarded ? this.#seen : 0;
  }

  #changed(key: Key): WeirError {
    return new WeirError({
      code: 'KEY_TYPE_CHANGED',
      domain: 'program',
      message: `Operator "${this.#operator}" was restored with state by keys of kind ${this.seen.join(', ')}, but now gets the key ${describeKey(key)} of kind ${kindOf(key)}.`,
      advice:
        'Key the stream as before, or give the operator another uid to begin with empty state. If keys may be of either kind, declare it: keyBy(..., t.union(t.string, t.int)).',
      subject: { operator: this.#operator },
    });
  }
}

const bitOf = (key: Key): number => 1 << kinds.indexOf(kindOf(key));
