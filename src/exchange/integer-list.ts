const capacityInitial = 256;

/** 32-bit integers in the order in which they came; nothing to the garbage collector, however many. */
export class IntegerList {
  length = 0;
  #items = new Int32Array(capacityInitial);

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Int32Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = item;
  }

  /** A view, good until the next push. */
  items(): Int32Array {
    return this.#items.subarray(0, this.length);
  }
}
