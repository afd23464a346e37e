import { inspect } from 'node:util';
import type { Sink } from './sink.ts';

/**
 * Writes each record to the console of the function that has it, at once: `label:2> { word: 'a', count: 1 }`, the number
 * being that of the subtask, from 1, left out where there is only one. For looking at a job: what is printed is not taken
 * back when an epoch fails and runs again.
 */
export function printSink(label: string | undefined): Sink<unknown> {
  return {
    kind: 'sink',
    name: 'Print to Std. Out',
    commits: false,
    createWriter({ subtask, parallelism }) {
      const number = parallelism === 1 ? undefined : String(subtask + 1);
      const before = [label, number].filter((part) => part !== undefined).join(':');
      const prefix = before === '' ? '' : `${before}> `;
      return {
        write: (value) =>
          console.log(
            new Printed(
              prefix + (typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 20 })),
            ),
          ),
        prepareCommit: () => Promise.resolve([]),
        abort: () => undefined,
      };
    },
    commit: () => Promise.resolve(),
  };
}

const marker: unique symbol = Symbol.for('weir.printed');

/** A line of this sink, so that a console which says whose a line is can tell that this one says it already. */
class Printed {
  readonly [marker] = true;
  readonly #line: string;

  constructor(line: string) {
    this.#line = line;
  }

  toString(): string {
    return this.#line;
  }

  [inspect.custom](): string {
    return this.#line;
  }
}

/** Whether something given to the console is a line of this sink, be it of another bundle's. */
export function isPrinted(word: unknown): boolean {
  return typeof word === 'object' && word !== null && marker in word;
}
