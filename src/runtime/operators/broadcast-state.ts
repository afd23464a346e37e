import type { OperatorState } from '../../state/index.ts';
import type {
  BroadcastStateDeclarations,
  BroadcastStates,
  ReadOnlyBroadcastStates,
  ReadOnlyMapState,
} from '../../stream/connected-functions.ts';
import type { MapState } from '../../stream/state.ts';
import { type CanonicalKey, canonicalKey } from '../../values/canonical-key.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import type { Key } from '../../values/key.ts';
import type { Portable } from '../../values/portable.ts';
import type { EpochHook, OperatorContext } from './operator-context.ts';

/** Makes the broadcast state of an operator, as those see it who may write and those who may only read. */
export function broadcastMaps(
  { state, hooks, freeze }: OperatorContext,
  declarations: BroadcastStateDeclarations,
): {
  readonly toWrite: BroadcastStates<BroadcastStateDeclarations>;
  readonly toRead: ReadOnlyBroadcastStates<BroadcastStateDeclarations>;
} {
  const maps = Object.keys(declarations).map((name) => [name, new BroadcastMap(state, freeze, name)] as const);
  hooks.push(...maps.map(([, map]) => map));
  return {
    toWrite: Object.freeze(Object.fromEntries(maps)),
    toRead: Object.freeze(Object.fromEntries(maps.map(([name, map]) => [name, new ReadOnlyMap(map)]))),
  };
}

/** Under which name an operator value holds broadcast state, as a list of entries in their order. */
const broadcastValueName = (name: string): string => `broadcast:${name}`;

/**
 * A map that lives in memory and is stored whole at the barrier, if it changed. What is stored decides: when the operator
 * value is another than the one this map was made of or stored as, as after an undone attempt, it is made anew.
 */
export class BroadcastMap implements MapState<Key, unknown>, EpochHook {
  readonly #state: OperatorState;
  readonly #freeze: FreezeSample;
  readonly #name: string;
  readonly #entries = new Map<CanonicalKey, [Key, unknown]>();
  #stored: Portable | undefined = undefined;
  #changed = false;

  constructor(state: OperatorState, freeze: FreezeSample, name: string) {
    this.#state = state;
    this.#freeze = freeze;
    this.#name = broadcastValueName(name);
  }

  begin(): void {
    const stored = this.#state.operatorValue(this.#name);
    if (stored === this.#stored && !this.#changed) return;
    this.#entries.clear();
    for (const [key, value] of (stored ?? []) as unknown as readonly (readonly [Key, unknown])[]) {
      this.#entries.set(canonicalKey(key), [key, value]);
    }
    this.#stored = stored;
    this.#changed = false;
  }

  end(): void {
    if (!this.#changed) return;
    const entries = [...this.#entries.values()].map(([key, value]) => [key, value]);
    this.#state.setOperatorValue(this.#name, entries as unknown as Portable);
    this.#stored = this.#state.operatorValue(this.#name);
    this.#changed = false;
  }

  get(key: Key): unknown {
    return this.#freeze.of(this.#entries.get(canonicalKey(key))?.[1]);
  }

  put(key: Key, value: unknown): void {
    if (value === undefined) this.delete(key);
    else {
      this.#changed = true;
      this.#entries.set(canonicalKey(key), [key, this.#freeze.of(value)]);
    }
  }

  putAll(entries: Iterable<readonly [Key, unknown]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  has(key: Key): boolean {
    return this.#entries.has(canonicalKey(key));
  }

  delete(key: Key): void {
    if (this.#entries.delete(canonicalKey(key))) this.#changed = true;
  }

  *entries(): Generator<[Key, unknown], undefined> {
    for (const [key, value] of this.#entries.values()) yield [key, value];
    return undefined;
  }

  *keys(): Generator<Key, undefined> {
    for (const [key] of this.#entries.values()) yield key;
    return undefined;
  }

  *values(): Generator<unknown, undefined> {
    for (const [, value] of this.#entries.values()) yield value;
    return undefined;
  }

  [Symbol.iterator](): IteratorObject<[Key, unknown], undefined> {
    return this.entries();
  }

  get size(): number {
    return this.#entries.size;
  }

  isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  clear(): void {
    if (this.#entries.size > 0) this.#changed = true;
    this.#entries.clear();
  }
}

/** Has nothing to write by, whatever the caller's types say. */
class ReadOnlyMap implements ReadOnlyMapState<Key, unknown> {
  readonly #map: BroadcastMap;

  constructor(map: BroadcastMap) {
    this.#map = map;
  }

  get(key: Key): unknown {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  entries(): IteratorObject<[Key, unknown], undefined> {
    return this.#map.entries();
  }

  keys(): IteratorObject<Key, undefined> {
    return this.#map.keys();
  }

  values(): IteratorObject<unknown, undefined> {
    return this.#map.values();
  }

  [Symbol.iterator](): IteratorObject<[Key, unknown], undefined> {
    return this.#map.entries();
  }

  get size(): number {
    return this.#map.size;
  }

  isEmpty(): boolean {
    return this.#map.isEmpty();
  }
}
