// Catches: deltas that grow with a list or map instead of with its changes, undo that copies or reorders, and kinds of
// state that are mixed up when a program changes.
import { describe, expect, it } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import type { EncodedSegment, SubtaskState } from '../../src/state/index.ts';
import { openSegment, sealSegment } from '../../src/state/segment-format.ts';
import { runsOf } from '../../src/state/segment-table.ts';
import { aggregatingState, listState, mapState, reducingState, valueState } from '../../src/stream/state.ts';
import { CommittedState, operatorA, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0 };
const large = 100_000;
const listOf = listState<unknown>();
const mapOf = mapState<string | number, unknown>();

function at(state: SubtaskState, key = 'k') {
  const operator = state.operator(operatorA);
  operator.setCurrentKey(key, -1);
  return operator;
}
const list = (state: SubtaskState, key?: string) => at(state, key).state('list', listOf);
const map = (state: SubtaskState, key?: string) => at(state, key).state('map', mapOf);

function countsOf(segment: EncodedSegment | undefined) {
  const counts = { puts: 0, deletes: 0, isBase: (segment?.base.length ?? 0) > 0 };
  if (segment === undefined) return counts;
  for (const section of openSegment(segment.bytes).table.sections) {
    if (section.kind === 'operator') continue;
    for (const run of runsOf(section)) {
      counts.puts += run.counts.puts;
      counts.deletes += run.counts.deletes;
    }
  }
  return counts;
}

const range = (to: number) => Array.from({ length: to }, (_, index) => index);

describe('a map of 100,000 entries', () => {
  const committed = new CommittedState(options);
  committed.epoch((state) => map(state).putAll(range(large).map((key) => [key, { key }])));

  it('adds one entry to the delta for one put and for one delete', () => {
    const put = committed.epoch((state) => map(state).put(77, 'other'));
    expect(countsOf(put)).toEqual({ puts: 1, deletes: 0, isBase: false });
    expect(put!.bytes.byteLength).toBeLessThan(400);
    expect(countsOf(committed.epoch((state) => map(state).put('new', 1)))).toEqual({ puts: 1, deletes: 0, isBase: false });
    expect(countsOf(committed.epoch((state) => map(state).delete(5)))).toEqual({ puts: 0, deletes: 1, isBase: false });
    const moved = committed.epoch((state) => {
      map(state).delete(9);
      map(state).put(9, 'last');
    });
    expect(countsOf(moved)).toEqual({ puts: 1, deletes: 1, isBase: false });
    const order = [...map(committed.state).keys()];
    expect(order.slice(-2)).toEqual(['new', 9]);
    expect([...map(committed.restored()).keys()]).toEqual(order);
  });

  it('is as it was, in its order, when deletes, moves and a clear are undone', () => {
    const before = [...map(committed.state)];
    committed.state.begin();
    map(committed.state).delete(3);
    map(committed.state).put(3, 'moved');
    map(committed.state).delete(4);
    map(committed.state).put('fresh', 1);
    map(committed.state).clear();
    map(committed.state).put(3, 'again');
    map(committed.state).clear();
    expect(map(committed.state).isEmpty()).toBe(true);
    committed.state.undo();
    expect([...map(committed.state)]).toEqual(before);
    const cleared = committed.epoch((state) => map(state).clear());
    expect(countsOf(cleared).puts).toBe(0);
    expect(cleared!.bytes.byteLength).toBeLessThan(400);
    expect(committed.restored().entries).toBe(0);
  });

  it('is rewritten whole only once as many entries have changed, or segments become too many', () => {
    const softMax = 8;
    const rolling = new CommittedState({ ...options, segmentsSoftMax: softMax });
    const entries = 5_000;
    rolling.epoch((state) => map(state).putAll(range(entries).map((key) => [key, key])));
    let written = 0;
    let bases = 0;
    let segmentsMax = 0;
    const epochs = 200;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const { puts, isBase } = countsOf(rolling.epoch((state) => map(state).put(epoch, -epoch)));
      written += puts;
      bases += isBase ? 1 : 0;
      segmentsMax = Math.max(segmentsMax, rolling.shelf.refs.length);
    }
    expect(segmentsMax).toBeLessThanOrEqual(softMax * 2 + 2);
    expect(bases).toBeLessThanOrEqual(epochs / softMax);
    expect(written).toBeLessThan((entries / softMax + 20) * epochs);
    expect([...map(rolling.restored())]).toEqual([...map(rolling.state)]);
  });
});

describe('a list of 100,000 elements', () => {
  it('adds one element to the delta for one addition, and what it becomes when it is replaced', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => list(state).addAll(range(large)));
    const added = committed.epoch((state) => {
      expect(list(state).get().length).toBe(large);
      list(state).add('last');
    });
    expect(countsOf(added)).toEqual({ puts: 1, deletes: 0, isBase: false });
    expect(added!.bytes.byteLength).toBeLessThan(400);
    expect(list(committed.restored()).get()).toEqual([...range(large), 'last']);
    const replaced = committed.epoch((state) => list(state).update(['a', 'b']));
    expect(countsOf(replaced).puts).toBe(2);
    expect(replaced!.bytes.byteLength).toBeLessThan(400);
    expect(list(committed.restored()).get()).toEqual(['a', 'b']);
  });

  it('gives out lists that stay as they are, also when what came later is undone', () => {
    const committed = new CommittedState({ ...options, freeze: 'all' });
    committed.epoch((state) => list(state).addAll([1, 2]));
    const given: (readonly unknown[])[] = [list(committed.state).get()];
    committed.state.begin();
    for (const value of [3, 4]) {
      list(committed.state).add(value);
      given.push(list(committed.state).get());
    }
    list(committed.state).addAll(list(committed.state).get());
    committed.state.undo();
    expect(given).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
    expect(list(committed.state).get()).toEqual([1, 2]);
    expect(() => (list(committed.state).get() as unknown[]).push(9)).toThrow(TypeError);
    expect(countsOf(committed.epoch((state) => list(state).add(5)))).toMatchObject({ puts: 3, isBase: true });
    expect(list(committed.restored()).get()).toEqual([1, 2, 5]);
  });
});

describe('a clear', () => {
  it('is one entry of the delta while the rest of the key group stays where it is', () => {
    const committed = new CommittedState({ vertex: vertexOf(1, 1), subtask: 0 });
    committed.epoch((state) => {
      map(state, 'rest').putAll(range(2_000).map((key) => [key, key]));
      map(state).putAll(range(1_000).map((key) => [key, key]));
      list(state).addAll(range(1_000));
    });
    const cleared = committed.epoch((state) => {
      map(state).clear();
      list(state).clear();
    });
    expect(countsOf(cleared)).toEqual({ puts: 0, deletes: 2, isBase: false });
    expect(committed.restored().entries).toBe(2_000);
  });
});

describe('iteration over a map', () => {
  it('follows changes on the way as that of a JavaScript Map does', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) =>
      map(state).putAll([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    );
    committed.epoch((state) => {
      const seen: unknown[] = [];
      for (const key of map(state).keys()) {
        seen.push(key);
        if (key === 'a') {
          map(state).delete('b');
          map(state).put('d', 4);
          map(state).put('c', 5);
        }
        if (key === 'd') map(state).clear();
      }
      expect(seen).toEqual(['a', 'c', 'd']);
      map(state).put('b', 6);
    });
    expect([...map(committed.restored()).values()]).toEqual([6]);
  });

  it('keeps maps and lists of different keys, and keys of equal look, apart', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      map(state, 'k').putAll([
        [1, 'number'],
        ['1', 'text'],
      ]);
      list(state, 'other').add('x');
    });
    const restored = committed.restored();
    expect([...map(restored, 'k')]).toEqual([
      [1, 'number'],
      ['1', 'text'],
    ]);
    expect(map(restored, 'other').isEmpty()).toBe(true);
    expect(list(restored, 'k').get()).toEqual([]);
  });
});

describe('reducing and aggregating state', () => {
  it('keep the reduction and the accumulator', () => {
    const sum = reducingState<number>({ reduce: (a, b) => a + b });
    const longest = aggregatingState({
      create: () => '',
      add: (accumulator, value: string) => (value.length > accumulator.length ? value : accumulator),
      result: (accumulator) => accumulator.toUpperCase(),
    });
    const committed = new CommittedState(options);
    const handles = (state: SubtaskState) => ({ sum: at(state).state('sum', sum), longest: at(state).state('longest', longest) });
    committed.epoch((state) => {
      expect([handles(state).sum.get(), handles(state).longest.get()]).toEqual([undefined, undefined]);
      for (const value of [1, 2, 4]) handles(state).sum.add(value);
      for (const value of ['a', 'abc', 'ab']) handles(state).longest.add(value);
    });
    expect([handles(committed.restored()).sum.get(), handles(committed.restored()).longest.get()]).toEqual([7, 'ABC']);
    committed.epoch((state) => {
      handles(state).sum.clear();
      handles(state).longest.clear();
    });
    expect([handles(committed.restored()).sum.get(), handles(committed.restored()).longest.get()]).toEqual([undefined, undefined]);
  });
});

describe('state of another kind', () => {
  it('is refused by name, whichever comes first, declaration or restore', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => at(state).state('total', listOf).add(1));
    const message = 'State "total" of operator "first" is declared as a map, but what was restored under this name is a list.';
    expect(() => at(committed.restored()).state('total', mapOf)).toThrow(message);
    const late = new CommittedState(options).state;
    late.operator(operatorA).state('total', mapOf);
    expect(() => committed.shelf.catchUp(late, { checkpoint: 1, attempt: 1 })).toThrow(message);
  });

  it('may take the name when nothing of the other is left', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => at(state).state('total', listOf).add(1));
    committed.epoch((state) => at(state).state('total', listOf).clear());
    const changed = new CommittedState(options);
    changed.epoch((state) => at(state).state('total', valueState<number>()).update(1));
    expect(at(committed.restored()).state('total', valueState()).value()).toBeUndefined();
  });
});

describe('what is not plain data', () => {
  it('is named by state, key and place', () => {
    const { state } = new CommittedState(options);
    const snapshot = () => state.snapshot({ checkpoint: 1, attempt: 1, nonce: 'n' });
    state.begin();
    list(state).addAll([1, { f: new Map() }]);
    expect(snapshot).toThrow('in element 1 of state "list" for key "k" of operator "first" field "f" is an instance of Map');
    state.undo();
    state.begin();
    map(state).put('m', () => 1);
    expect(snapshot).toThrow('in entry "m" of state "map" for key "k" of operator "first" the value is a function');
    state.undo();
    state.begin();
    expect(() => map(state).put(Number.NaN, 1)).toThrowError(expect.objectContaining({ code: 'KEY_INVALID' }));
    state.undo();
    expect(state.entries).toBe(0);
  });
});

describe('damaged segments of lists and maps', () => {
  it('are refused, or read as something else, but never crash the reader', () => {
    const committed = new CommittedState(options);
    const ttl = { ms: 5 };
    committed.epoch((state) => {
      list(state).addAll(['a', { b: 1 }]);
      map(state).putAll([
        ['a', 1],
        [2, 'b'],
      ]);
      at(state).state('timedList', listState({ ttl })).add(1);
      at(state).state('timedMap', mapState({ ttl })).put('x', 1);
      at(state).state('timedValue', valueState({ ttl })).update(1);
    });
    const [loaded] = committed.shelf.load();
    const { table, sections } = openSegment(loaded!.bytes);
    const kinds = table.sections.map(({ kind }) => kind);
    expect(kinds).toEqual(['timed-value', 'list', 'timed-list', 'map', 'timed-map']);
    for (let position = 0; position < sections.byteLength; position++) {
      for (let byte = 0; byte < 256; byte += 3) {
        const damaged = sections.slice();
        damaged[position] = byte;
        const bytes = sealSegment({ table, sections: damaged });
        try {
          new CommittedState(options).state.apply([{ ref: loaded!.ref, bytes }], { checkpoint: 1, attempt: 1 });
        } catch (error) {
          expect(WeirError.is(error) && error.code).toBe('SEGMENT_CORRUPT');
        }
      }
    }
  });
});
