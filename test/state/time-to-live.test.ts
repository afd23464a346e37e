// Catches: state that outlives its time, or dies while in use; copies that disagree about it; expired entries that stay
// for ever because nobody looks at them.
import { describe, expect, it } from 'vitest';
import { createSubtaskState, type SubtaskState } from '../../src/state/index.ts';
import type { StateTtl } from '../../src/stream/state.ts';
import { aggregatingState, listState, mapState, reducingState, valueState } from '../../src/stream/state.ts';
import { operatorA, SegmentShelf, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0 };
const ms = 100;

/** Epochs with stamps, every one of which commits. */
class Timeline {
  readonly shelf = new SegmentShelf();
  readonly state = createSubtaskState(options);
  #checkpoint = 0;

  at<T>(stamp: number, work: (state: SubtaskState) => T): T {
    this.#checkpoint++;
    this.state.begin(stamp);
    this.state.operator(operatorA).setCurrentKey('k', -1);
    const result = work(this.state);
    const segment = this.state.snapshot({ checkpoint: this.#checkpoint, attempt: this.#checkpoint, nonce: 'n' });
    this.shelf.commit(segment && this.shelf.put(segment, this.#checkpoint, this.#checkpoint));
    this.state.promote();
    return result;
  }

  restored(stamp: number): SubtaskState {
    const state = this.shelf.restore(options, this.state.parent);
    state.begin(stamp);
    state.operator(operatorA).setCurrentKey('k', -1);
    return state;
  }
}

interface Kind {
  readonly write: (state: SubtaskState) => void;
  readonly read: (state: SubtaskState) => unknown;
  readonly seen: unknown;
  readonly gone: unknown;
}

const names = ['value', 'list', 'map', 'reducing', 'aggregating'] as const;

/** A state of each kind under one time to live: how to write it, and what is to be seen of it. */
const kinds = (ttl: StateTtl): { readonly [name in (typeof names)[number]]: Kind } => ({
  value: {
    write: (state: SubtaskState) => state.operator(operatorA).state('s', valueState<number>({ ttl })).update(1),
    read: (state: SubtaskState) => state.operator(operatorA).state('s', valueState<number>({ ttl })).value(),
    seen: 1,
    gone: undefined,
  },
  list: {
    write: (state: SubtaskState) => state.operator(operatorA).state('s', listState<number>({ ttl })).update([1]),
    read: (state: SubtaskState) => [...state.operator(operatorA).state('s', listState<number>({ ttl })).get()],
    seen: [1],
    gone: [],
  },
  map: {
    write: (state: SubtaskState) => state.operator(operatorA).state('s', mapState<string, number>({ ttl })).put('a', 1),
    read: (state: SubtaskState) => state.operator(operatorA).state('s', mapState<string, number>({ ttl })).get('a'),
    seen: 1,
    gone: undefined,
  },
  reducing: {
    write: (state: SubtaskState) =>
      state
        .operator(operatorA)
        .state('s', reducingState<number>({ reduce: Math.max, ttl }))
        .add(1),
    read: (state: SubtaskState) =>
      state
        .operator(operatorA)
        .state('s', reducingState<number>({ reduce: Math.max, ttl }))
        .get(),
    seen: 1,
    gone: undefined,
  },
  aggregating: {
    write: (state: SubtaskState) => state.operator(operatorA).state('s', counting(ttl)).add('x'),
    read: (state: SubtaskState) => state.operator(operatorA).state('s', counting(ttl)).get(),
    seen: 1,
    gone: undefined,
  },
});

const counting = (ttl: StateTtl) =>
  aggregatingState({ create: () => 0, add: (count, _value: string) => count + 1, result: (count) => count, ttl });

describe.each(names)('%s state with a time to live', (name) => {
  it('is gone once so much time has passed since it was written, warm and restored alike', () => {
    const { write, read, seen, gone } = kinds({ ms })[name];
    const timeline = new Timeline();
    timeline.at(1_000, write);
    expect(timeline.at(1_099, read)).toEqual(seen);
    expect(read(timeline.restored(1_099))).toEqual(seen);
    expect(read(timeline.restored(1_100))).toEqual(gone);
    expect(timeline.at(1_100, read)).toEqual(gone);
    expect([timeline.state.entries, timeline.state.bytes]).toEqual([0, timeline.restored(1_100).bytes]);
    expect(timeline.restored(1_000).entries).toBe(0);
  });

  it('lives on when it is written again, and on a read only if declared so', () => {
    const plain = kinds({ ms })[name];
    const timeline = new Timeline();
    timeline.at(1_000, plain.write);
    timeline.at(1_090, plain.read);
    expect(plain.read(timeline.restored(1_110))).toEqual(plain.gone);
    const fresh = kinds({ ms, update: 'onReadAndWrite' })[name];
    const other = new Timeline();
    other.at(1_000, fresh.write);
    expect(other.at(1_090, fresh.read)).toEqual(fresh.seen);
    expect(fresh.read(other.restored(1_110))).toEqual(fresh.seen);
    expect(other.at(1_110, fresh.read)).toEqual(fresh.seen);
    expect(fresh.read(other.restored(1_209))).toEqual(fresh.seen);
    expect(fresh.read(other.restored(1_210))).toEqual(fresh.gone);
  });

  it('may be seen one last time if declared so', () => {
    const { write, read, seen, gone } = kinds({ ms, visibility: 'returnExpiredIfNotCleanedUp' })[name];
    const timeline = new Timeline();
    timeline.at(1_000, write);
    expect(timeline.at(2_000, read)).toEqual(seen);
    expect(timeline.at(2_001, read)).toEqual(gone);
  });

  it('comes back with its time when the attempt that dropped it is undone', () => {
    const { write, read, seen, gone } = kinds({ ms, update: 'onReadAndWrite' })[name];
    const timeline = new Timeline();
    timeline.at(1_000, write);
    const { state } = timeline;
    for (const [stamp, expected] of [
      [1_200, gone],
      [1_050, seen],
      [1_099, seen],
      [1_100, gone],
    ] as const) {
      state.begin(stamp);
      state.operator(operatorA).setCurrentKey('k', -1);
      expect(read(state)).toEqual(expected);
      state.undo();
    }
    expect(state.entries).toBe(1);
  });

  it('is dropped by compaction when nobody looks, from memory too', () => {
    const { write } = kinds({ ms })[name];
    const timeline = new Timeline();
    timeline.at(1_000, write);
    for (let stamp = 2_000; stamp < 2_003; stamp++)
      timeline.at(stamp, (state) => state.operator(operatorA).valueState('other').update(stamp));
    expect(timeline.state.entries).toBe(1);
    expect(timeline.restored(2_003).entries).toBe(1);
  });

  it('that was stored before it had one lasts until it is written', () => {
    const { write, read, seen, gone } = kinds(undefined as unknown as StateTtl)[name];
    const timeline = new Timeline();
    timeline.at(1_000, write);
    const aged = kinds({ ms })[name];
    expect(aged.read(timeline.restored(5_000))).toEqual(seen);
    timeline.at(5_000, aged.write);
    expect(aged.read(timeline.restored(5_099))).not.toEqual(gone);
    expect(aged.read(timeline.restored(5_100))).toEqual(gone);
    // And without one again it stays for ever.
    timeline.at(5_000, write);
    expect(read(timeline.restored(9_000_000))).not.toEqual(gone);
  });
});

describe('time to live', () => {
  it('is per entry of a map, and puts what has expired to the end when it comes again', () => {
    const declaration = mapState<string, number>({ ttl: { ms } });
    const map = (state: SubtaskState) => state.operator(operatorA).state('map', declaration);
    const timeline = new Timeline();
    timeline.at(1_000, (state) =>
      map(state).putAll([
        ['a', 1],
        ['b', 2],
      ]),
    );
    timeline.at(1_050, (state) => map(state).put('c', 3));
    timeline.at(1_060, (state) => map(state).put('b', 4));
    expect(timeline.at(1_100, (state) => [map(state).size, ...map(state).keys()])).toEqual([2, 'b', 'c']);
    timeline.at(1_155, (state) => map(state).put('c', 5));
    expect([...map(timeline.restored(1_156))]).toEqual([
      ['b', 4],
      ['c', 5],
    ]);
    timeline.at(1_160, (state) => map(state).put('b', 6));
    expect([...map(timeline.restored(1_161))]).toEqual([
      ['c', 5],
      ['b', 6],
    ]);
  });

  it('is per element of a list, the oldest first, even when the stamps go back', () => {
    const declaration = listState<string>({ ttl: { ms } });
    const list = (state: SubtaskState) => state.operator(operatorA).state('list', declaration);
    const timeline = new Timeline();
    timeline.at(1_000, (state) => list(state).add('a'));
    timeline.at(1_050, (state) => list(state).add('b'));
    timeline.at(1_020, (state) => list(state).add('c'));
    expect(timeline.at(1_120, (state) => list(state).get())).toEqual(['b', 'c']);
    expect(list(timeline.restored(1_149)).get()).toEqual(['b', 'c']);
    expect(list(timeline.restored(1_150)).get()).toEqual([]);
  });

  it('changes nothing when state is looked at between attempts', () => {
    const { write, read, gone } = kinds({ ms }).map;
    const timeline = new Timeline();
    timeline.at(1_000, write);
    timeline.at(3_000, () => {});
    timeline.state.operator(operatorA).setCurrentKey('k', -1);
    expect(read(timeline.state)).toEqual(gone);
    expect(timeline.state.entries).toBe(1);
  });
});
