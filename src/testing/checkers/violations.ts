/** What checkers find. Kept apart from errors, since the engine under test must not be able to catch it. */
export class Violations {
  readonly #found: string[] = [];
  readonly #onFirst: ((violation: string) => void)[] = [];

  get found(): readonly string[] {
    return this.#found;
  }

  add(invariant: number, message: string): void {
    this.#found.push(`Invariant ${invariant}: ${message}`);
    for (const tell of this.#onFirst.splice(0)) tell(this.#found[0]!);
  }

  /** Says so when a condition does not hold, and gives the condition back. */
  expect(condition: boolean, invariant: number, message: () => string): boolean {
    if (!condition) this.add(invariant, message());
    return condition;
  }

  onFirst(tell: (violation: string) => void): void {
    this.#onFirst.push(tell);
  }
}
