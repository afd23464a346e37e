// Catches: sender and receiver that disagree on who sends to whom, so that records or watermarks wait for ever.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sendersOf, targetsOf } from '../../src/exchange/routing.ts';
import type { Partitioning } from '../../src/graph/job-graph.ts';

const every = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('routing', () => {
  it('has senders and targets agree on who sends to whom', () => {
    const partitioning = fc.constantFrom<Partitioning>('hash', 'rebalance', 'rescale', 'shuffle', 'broadcast', 'global', 'custom');
    fc.assert(
      fc.property(partitioning, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (kind, senders, targets) => {
        const ends = { partitioning: kind, senders, targets };
        const sent = every(senders).flatMap((sender) => targetsOf(ends, sender).map((target) => `${sender}>${target}`));
        const received = every(targets).flatMap((target) => sendersOf(ends, target).map((sender) => `${sender}>${target}`));
        expect([...received].sort()).toEqual([...sent].sort());
      }),
    );
  });

  it('rescales as Flink does: each subtask has its share of neighbours', () => {
    const rescale = (senders: number, targets: number) =>
      every(senders).map((sender) => targetsOf({ partitioning: 'rescale', senders, targets }, sender));
    expect(rescale(2, 4)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(rescale(4, 2)).toEqual([[0], [0], [1], [1]]);
    expect(rescale(3, 2)).toEqual([[0], [1], [1]]);
    expect(rescale(2, 3)).toEqual([[0, 1], [2]]);
    expect(rescale(3, 3)).toEqual([[0], [1], [2]]);
  });

  it('keeps records on their subtask over forward edges', () => {
    expect(targetsOf({ partitioning: 'forward', senders: 3, targets: 3 }, 2)).toEqual([2]);
    expect(sendersOf({ partitioning: 'forward', senders: 3, targets: 3 }, 2)).toEqual([2]);
  });
});
