// Catches: checkpoints whose cost follows the size of the state instead of its changes, logs of segments that grow for
// ever, and bases that lose or bring back entries.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { chooseCompaction } from '../../src/state/compaction.ts';
import type { EncodedSegment, SubtaskState } from '../../src/state/index.ts';
import { coarsenRanges, rangesOf } from '../../src/state/key-group-ranges.ts';
import { openSegment } from '../../src/state/segment-format.ts';
import { baseOf, runsOf } from '../../src/state/segment-table.ts';
import { CommittedState, contentOf, operatorA, operatorB, vertexOf } from './fixtures.ts';

/** How many entries a segment holds, and how many of its key groups are both whole and changed by deletes. */
function writtenIn(segment: EncodedSegment | undefined): { readonly entries: number; readonly deletesInBase: number } {
  const written = { entries: 0, deletesInBase: 0 };
  if (segment === undefined) return written;
  const { table } = openSegment(segment.bytes);
  const isWhole = (keyGroup: number) => baseOf(table).some(([from, to]) => keyGroup >= from && keyGroup <= to);
  for (const section of table.sections) {
    if (section.kind === 'operator') continue;
    for (const { keyGroup, counts } of runsOf(section)) {
      written.entries += counts.puts + counts.deletes;
      if (isWhole(keyGroup)) written.deletesInBase += counts.deletes;
    }
  }
  return written;
}

function update(state: SubtaskState, key: number, value: unknown): void {
  const operator = state.operator(operatorA);
  operator.setCurrentKey(key, -1);
  operator.valueState('total').update(value);
}

function updateAll(state: SubtaskState, from: number, to: number, value: unknown): void {
  for (let key = from; key < to; key++) update(state, key, value);
}

describe('what a checkpoint writes', () => {
  it('is in proportion to what changed: 1,000 of 100,000 keys', () => {
    const committed = new CommittedState({ vertex: vertexOf(1, 128), subtask: 0 });
    const random = seededRandom(1);
    const anyNumber = () => Math.floor(random.fraction() * 1e9);
    const first = committed.epoch((state) => {
      for (let key = 0; key < 100_000; key++) update(state, key, { count: 0, sum: anyNumber() });
    });
    let entries = 0;
    let bytes = 0;
    const epochs = 50;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const segment = committed.epoch((state) => {
        for (let i = 0; i < 1_000; i++) update(state, Math.floor(random.fraction() * 100_000), { count: epoch, sum: anyNumber() });
      });
      const written = writtenIn(segment);
      expect(written.entries).toBeLessThan(1_000 + 1_000 + 1_000);
      entries += written.entries;
      bytes += segment!.bytes.byteLength;
    }
    // About as many again for compaction, over time.
    expect(entries / epochs).toBeLessThan(2_100);
    expect(bytes / epochs).toBeLessThan(first!.bytes.byteLength * 0.04);
  });

  it('is nothing when nothing changed, or when values were set to what they were', () => {
    const committed = new CommittedState({ vertex: vertexOf(1, 16), subtask: 0 });
    const change = (state: SubtaskState) => {
      update(state, 1, 'same');
      state.operator(operatorB).setOperatorValue('positions', { offset: 1 });
    };
    expect(committed.epoch(change)).toBeDefined();
    expect(committed.epoch(() => {})).toBeUndefined();
    expect(committed.epoch(change)).toBeUndefined();
    const comesAndGoes = (state: SubtaskState) => {
      update(state, 2, 'new');
      state.operator(operatorA).valueState('total').clear();
      state.operator(operatorA).timers.register(5);
      state.operator(operatorA).timers.delete(5);
    };
    expect(committed.epoch(comesAndGoes)).toBeUndefined();
    expect(committed.state.entries).toBe(1);
  });

  it('is one entry for one change, besides at most so much compaction, and only the operator values when only they changed', () => {
    const committed = new CommittedState({ vertex: vertexOf(1, 4_096), subtask: 0 });
    committed.epoch((state) => updateAll(state, 0, 10_000, 'x'));
    const one = committed.epoch((state) => update(state, 7, 'y'));
    expect(writtenIn(one).entries).toBeGreaterThanOrEqual(1);
    expect(writtenIn(one).entries).toBeLessThan(40);
    expect(one!.operatorState).toBe(false);
    const onlyPosition = committed.epoch((state) => state.operator(operatorB).setOperatorValue('positions', 9));
    expect(onlyPosition).toMatchObject({ keyGroups: [], base: [], operatorState: true });
    expect(writtenIn(onlyPosition).entries).toBe(0);
  });

  it('keeps the list of key groups in a reference short', () => {
    const committed = new CommittedState({ vertex: vertexOf(1, 32_768), subtask: 0 });
    const segment = committed.epoch((state) => updateAll(state, 0, 1_000, 'x'));
    expect(segment!.keyGroups.length).toBeLessThanOrEqual(8);
  });
});

/** A few thousand checkpoints; the restored state is compared with the live one on the way. */
function simulate(seed: string, keys: number, changesOf: (random: () => number) => number, epochs: number) {
  const random = seededRandom(seed);
  const softMax = 16;
  const committed = new CommittedState({ vertex: vertexOf(1, 64), subtask: 0, segmentsSoftMax: softMax });
  committed.epoch((state) => updateAll(state, 0, keys, 0));
  const all = Array.from({ length: keys }, (_, key) => key);
  let segmentsMax = 0;
  let entriesWritten = 0;
  let changed = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const changes = changesOf(() => random.fraction());
    changed += changes;
    const segment = committed.epoch((state) => {
      for (let i = 0; i < changes; i++) {
        update(state, Math.floor(random.fraction() * keys), epoch);
        const { timers, valueState } = {
          timers: state.operator(operatorA).timers,
          valueState: () => state.operator(operatorA).valueState('total'),
        };
        if (random.fraction() < 0.3) valueState().clear();
        if (random.fraction() < 0.3) timers.register(epoch + Math.floor(random.fraction() * 100));
      }
      while (state.operator(operatorA).timers.poll(epoch) !== undefined);
    });
    const written = writtenIn(segment);
    expect(written.deletesInBase).toBe(0);
    entriesWritten += written.entries;
    segmentsMax = Math.max(segmentsMax, committed.shelf.refs.length);
    if (epoch % 97 === 0 || epoch === epochs) {
      expect(contentOf(committed.restored(), all, ['total'])).toEqual(contentOf(committed.state, all, ['total']));
    }
  }
  return { segmentsMax, softMax, perEpoch: entriesWritten / epochs, changedPerEpoch: changed / epochs };
}

describe('rolling compaction', () => {
  it('keeps the number of segments bounded when one entry changes at a time', () => {
    const { segmentsMax, softMax, perEpoch } = simulate('one', 2_000, () => 1, 2_000);
    expect(segmentsMax).toBeLessThanOrEqual(softMax * 2 + 2);
    expect(perEpoch).toBeLessThan(2_000 / softMax + 40);
  });

  it('keeps it well below the soft maximum when much changes', () => {
    const { segmentsMax, softMax, perEpoch, changedPerEpoch } = simulate(
      'many',
      2_000,
      (fraction) => 200 + Math.floor(fraction() * 400),
      400,
    );
    expect(segmentsMax).toBeLessThanOrEqual(softMax);
    expect(perEpoch).toBeLessThan(changedPerEpoch * 4);
  });

  it('keeps it bounded when bursts and quiet take turns', () => {
    const { segmentsMax, softMax } = simulate('bursts', 1_000, (fraction) => (fraction() < 0.02 ? 900 : Math.floor(fraction() * 3)), 3_000);
    expect(segmentsMax).toBeLessThanOrEqual(softMax * 2 + 2);
  });

  it('takes the key groups that need the oldest segment first, and saves up for the next one', () => {
    const ref = (from: number, to: number) =>
      ({
        at: { kind: 'object', uri: '' },
        checkpoint: 1,
        bytes: 0,
        checksum: '',
        keyGroups: [[from, to] as const],
        operatorState: false,
      }) as const;
    const input = {
      live: [ref(4, 7), ref(0, 7)],
      softMax: 10,
      within: [0, 7] as const,
      changes: 20,
      entries: 80,
      credit: 0,
      foreignEntriesMax: 0,
      entriesIn: () => 15,
    };
    expect(chooseCompaction(input)).toEqual({ keyGroups: new Set([4]), credit: 5 });
    expect(chooseCompaction({ ...input, credit: 10 })).toEqual({ keyGroups: new Set([4, 5]), credit: 0 });
    expect(chooseCompaction({ ...input, entriesIn: (keyGroup) => (keyGroup === 4 ? 50 : 1) })).toEqual({
      keyGroups: new Set(),
      credit: 20,
    });
    expect(chooseCompaction({ ...input, changes: 1_000 })).toEqual({ keyGroups: new Set([4, 5, 6, 7, 0, 1, 2, 3]), credit: 0 });
    expect(chooseCompaction({ ...input, changes: 0, credit: 100 })).toEqual({ keyGroups: new Set(), credit: 100 });
    expect(chooseCompaction({ ...input, changes: 0, softMax: 1 }).keyGroups.size).toBe(5);
    expect(chooseCompaction({ ...input, changes: 1, entriesIn: () => 0 }).keyGroups.size).toBe(8);
  });
});

describe('ranges of key groups', () => {
  it('hold exactly what they are made of, and when coarse keep the widest gaps', () => {
    const ranges = rangesOf([1, 2, 3, 7, 9, 20]);
    expect(ranges).toEqual([
      [1, 3],
      [7, 7],
      [9, 9],
      [20, 20],
    ]);
    expect(coarsenRanges(ranges, 4)).toBe(ranges);
    expect(coarsenRanges(ranges, 3)).toEqual([
      [1, 3],
      [7, 9],
      [20, 20],
    ]);
    expect(coarsenRanges(ranges, 2)).toEqual([
      [1, 9],
      [20, 20],
    ]);
    expect(coarsenRanges(ranges, 1)).toEqual([[1, 20]]);
    expect(rangesOf([])).toEqual([]);
  });
});
