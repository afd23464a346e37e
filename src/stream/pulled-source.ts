import { WeirError } from '../base/errors.ts';
import type { Portable } from '../values/portable.ts';
import type { Source, SplitBatch } from './source.ts';

/**
 * A source as an object, for `addSource`: asked for what follows a position. The position is all of its state; what it
 * keeps in memory besides is a cache, never the truth. Flink's SourceFunction, turned round: it is pulled.
 *
 * ```ts
 * env.addSource({
 *   start: 0,
 *   boundedness: 'bounded',
 *   pull: (position, limit) => {
 *     const position1 = Math.min(position + limit, 1_000);
 *     return { records: range(position, position1), position: position1, done: position1 === 1_000 };
 *   },
 * })
 * ```
 */
export interface PulledSource<T, P extends Portable = Portable> {
  /** For people; default `Custom Source`. */
  readonly name?: string;
  /** Where reading begins. Positions are stored as JSON. */
  readonly start: P;
  /** A bounded source ends; default `continuous`. */
  readonly boundedness?: 'bounded' | 'continuous';
  /** At most so many records a second. */
  readonly recordsPerSecond?: number;
  /** Before the first pull, once per environment. */
  open?(): void | Promise<void>;
  /** What follows `position`: at most `limit` records, none if there is nothing now. The same position gives the same records, always. */
  pull(position: P, limit: number): Pulled<T, P> | Promise<Pulled<T, P>>;
  close?(): void | Promise<void>;
}

export interface Pulled<T, P extends Portable> {
  readonly records: readonly T[];
  /** After the last of `records`. */
  readonly position: P;
  /** Nothing follows, ever. */
  readonly done?: boolean;
}

const splitId = 'all';

/** The source that the engine reads: one split, so one subtask reads. */
export function sourceOf<T, P extends Portable>(pulled: PulledSource<T, P>): Source<T, Portable, P> {
  const { name = 'Custom Source', boundedness = 'continuous', recordsPerSecond } = pulled;
  if (pulled.start === undefined || typeof pulled.pull !== 'function') throw invalidSource(name);
  return {
    kind: 'source',
    name,
    boundedness,
    ...(recordsPerSecond === undefined ? {} : { recordsPerSecond }),
    enumerate: (state) =>
      Promise.resolve({ state: true, assignments: state === undefined ? [{ subtask: 0, splitId, split: null }] : [], done: true }),
    startOf: () => pulled.start,
    createReader() {
      let opened = false;
      return {
        async read(_split, position, { records }) {
          if (!opened) await pulled.open?.();
          opened = true;
          return batchOf(name, position, records, await pulled.pull(position, records));
        },
        async close() {
          if (opened) await pulled.close?.();
        },
      };
    },
  };
}

function batchOf<T, P extends Portable>(name: string, before: P, limit: number, pulled: Pulled<T, P>): SplitBatch<T, P> {
  const { records, position, done = false } = Object(pulled) as Pulled<T, P>;
  if (!Array.isArray(records))
    throw invalidPull(name, before, 'a list of records', `found ${records === undefined ? 'none' : typeof records}`);
  if (records.length > limit) throw invalidPull(name, before, `at most ${limit} records`, `found ${records.length}`);
  if (position === undefined) throw invalidPull(name, before, 'the position after its records', 'found none');
  if (records.length > 0 && !done && JSON.stringify(position) === JSON.stringify(before)) {
    throw invalidPull(name, before, 'another position after its records', 'the position is the same, so they would come again');
  }
  const backlog = records.length > 0 && !done;
  const describe = (index: number) => `record ${index + 1} after position ${JSON.stringify(before)}`;
  return { records, position, bytes: 0, skipped: 0, endOfSplit: done, backlog, describe };
}

function invalidSource(name: string): WeirError {
  return new WeirError({
    code: 'SOURCE_INVALID',
    domain: 'program',
    message: `Source "${name}" needs a position to start at, "start", and a function "pull".`,
    advice: 'Say addSource({ start: 0, pull: (position, limit) => ({ records, position, done }) }).',
  });
}

function invalidPull(name: string, before: Portable, expected: string, found: string): WeirError {
  return new WeirError({
    code: 'PULL_INVALID',
    domain: 'program',
    message: `pull of source "${name}" should give ${expected} after position ${JSON.stringify(before)}, but ${found}.`,
    advice: 'Let pull return { records, position, done }, with no more records than its limit.',
  });
}
