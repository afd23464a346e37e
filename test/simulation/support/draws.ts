import { seededRandom } from '../../../src/base/random.ts';

/** Chance from a seed, in the shapes in which programs need it. */
export class Draws {
  readonly #fraction: () => number;

  constructor(seed: string) {
    this.#fraction = seededRandom(seed).fraction;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.#fraction() * below);
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.#fraction() < probability;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** One of the names, as often as their weights say. */
  weighted<Name extends string>(weights: { readonly [name in Name]?: number }): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let at = this.#fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      at -= weight;
      if (at < 0) return name;
    }
    return entries.at(-1)![0];
  }
}
