/** A probe that met no such key. */
const absent = -1;
const removed = -2;

const capacityInitial = 64;

/**
 * Which slot a key has, for keys that are 32-bit integers: open addressing in one array of numbers, where key and slot
 * stand side by side. A look-up goes to one place in memory, where a Map goes to three.
 */
export class IntegerIndex {
  /** Pairs of key and slot. */
  #cells: Int32Array = emptyCells(capacityInitial);
  /** Pairs that hold a key, or held one. */
  #used = 0;
  #size = 0;

  /** -1 if there is none. */
  get(key: number): number {
    const cells = this.#cells;
    const mask = cells.length - 2;
    for (let at = scatter(key) & mask; ; at = (at + 2) & mask) {
      const slot = cells[at + 1]!;
      if (slot === absent) return absent;
      if (cells[at] === key && slot !== removed) return slot;
    }
  }

  /** For a key that is not there. */
  add(key: number, slot: number): void {
    if (this.#used >= this.#cells.length >> 2) this.#rebuild();
    this.#put(key, slot);
    this.#used++;
    this.#size++;
  }

  delete(key: number): void {
    const cells = this.#cells;
    const mask = cells.length - 2;
    for (let at = scatter(key) & mask; cells[at + 1] !== absent; at = (at + 2) & mask) {
      if (cells[at] !== key || cells[at + 1] === removed) continue;
      cells[at + 1] = removed;
      this.#size--;
      return;
    }
  }

  #put(key: number, slot: number): void {
    const cells = this.#cells;
    const mask = cells.length - 2;
    let at = scatter(key) & mask;
    while (cells[at + 1] !== absent) at = (at + 2) & mask;
    cells[at] = key;
    cells[at + 1] = slot;
  }

  /** With room for as many again, and without what was removed. */
  #rebuild(): void {
    const before = this.#cells;
    let capacity = capacityInitial;
    while (capacity < this.#size * 4) capacity *= 2;
    this.#cells = emptyCells(capacity);
    for (let at = 0; at < before.length; at += 2) if (before[at + 1]! >= 0) this.#put(before[at]!, before[at + 1]!);
    this.#used = this.#size;
  }
}

/** At most half of the pairs are ever used, so that a probe ends soon. */
const emptyCells = (pairs: number): Int32Array => new Int32Array(pairs * 2).fill(absent);

/** An even number, whatever the key. */
function scatter(key: number): number {
  const word = Math.imul(key ^ (key >>> 16), 0x45d9f3b);
  return (word ^ (word >>> 15)) << 1;
}
