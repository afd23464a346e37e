// Catches: sources that burst, starve a split, read beyond their bound, or never end.
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import type { Source } from '../../src/stream/source.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

const numbers = Array.from({ length: 200 }, (_, i) => i);

const copy = (source: Source<number>): JobDefinition =>
  defineJob({
    name: 'copy',
    build(env) {
      env
        .fromSource(source)
        .map((n) => n * 2)
        .sinkTo(collectSink());
    },
  }) as JobDefinition;

const recordsIn = (drive: Drive): number => drive.acknowledgements.reduce((sum, { counts }) => sum + counts.recordsIn, 0);
const sorted = (values: readonly unknown[]) => [...(values as readonly number[])].sort((a, b) => a - b);
const doubled = numbers.map((n) => n * 2);

describe('a source', () => {
  it('reads no more in an epoch than its subtasks may together, and shares it by splits', async () => {
    const source = fromElements(numbers, { splits: 1 });
    const drive = await new Drive(copy(source as unknown as Source<number>), {
      parallelism: 4,
      slots: 2,
      batch: { records: 30, bytes: 1_000 },
    }).submit();
    const perEpoch: number[] = [];
    while (!drive.ended) {
      await drive.epoch();
      perEpoch.push(recordsIn(drive));
      expect(drive.acknowledgements.some(({ backlog }) => backlog)).toBe(!drive.ended);
    }
    expect(perEpoch).toEqual([30, 30, 30, 30, 30, 30, 20]);
    expect(sorted(drive.output)).toEqual(doubled);
  });

  it('stays within its records per second by the stamps of the epochs, without a burst after a pause', async () => {
    const source = fromElements(numbers, { splits: 2, recordsPerSecond: 25 });
    const drive = await new Drive(copy(source as unknown as Source<number>), {
      parallelism: 2,
      batch: { records: 1_000, bytes: 1_000 },
    }).submit();
    const perEpoch: number[] = [];
    for (const stampBy of [1_000, 1_000, 500, 60_000, 1_000, 100, 1_000]) {
      await drive.inject(stampBy);
      await drive.level(0);
      await drive.complete();
      perEpoch.push(recordsIn(drive));
      for (const { backlog, nextDueAt } of drive.acknowledgements) {
        expect(backlog).toBe(false);
        expect(nextDueAt).toBeGreaterThan(drive.stamp);
      }
    }
    // Two subtasks with half the pace each; fractions are carried over.
    expect(perEpoch).toEqual([24, 26, 12, 50, 24, 2, 26]);
  });

  it('reads a paced epoch the same from a cold start', async () => {
    const perEpoch: number[][] = [];
    for (const cold of [false, true]) {
      const drive = await new Drive(copy(fromElements(numbers, { splits: 3, recordsPerSecond: 7 }) as unknown as Source<number>), {
        parallelism: 2,
        batch: { records: 1_000, bytes: 1_000 },
      }).submit();
      const counts: number[] = [];
      for (let epoch = 0; epoch < 12; epoch++) {
        if (cold) drive.slotRuntimes = [drive.environment()];
        await drive.epoch();
        counts.push(recordsIn(drive));
      }
      perEpoch.push(counts);
    }
    expect(perEpoch[1]).toEqual(perEpoch[0]);
  });

  it('reads from all splits of an endless source in turn, however much one of them has', async () => {
    const endless: Source<number, string, number> = {
      kind: 'source',
      name: 'shards',
      boundedness: 'continuous',
      enumerate: () =>
        Promise.resolve({
          state: null,
          assignments: ['a', 'b', 'c'].map((splitId) => ({ subtask: 0, splitId, split: splitId })),
          done: false,
        }),
      startOf: () => 0,
      createReader: () => ({
        read: (split, position, budget) => {
          const most = split === 'b' ? Math.max(0, 5 - position) : budget.records;
          const records = Array.from({ length: Math.min(most, budget.records) }, (_, i) => position + i + (split === 'c' ? 1_000 : 0));
          return Promise.resolve({
            records,
            position: position + records.length,
            bytes: records.length,
            skipped: 0,
            endOfSplit: false,
            backlog: split !== 'b',
            describe: String,
          });
        },
      }),
    };
    const drive = await new Drive(copy(endless as unknown as Source<number>), { batch: { records: 30, bytes: 1_000 } }).submit();
    await drive.epoch();
    expect(recordsIn(drive)).toBe(30);
    expect(drive.acknowledgements[0]!.backlog).toBe(true);
    expect(drive.output).toHaveLength(30);
    const ofC = (drive.output as readonly number[]).filter((n) => n >= 2_000).length;
    expect(ofC).toBeGreaterThanOrEqual(10);
  });

  it('ends at once when its enumerator has found nothing', async () => {
    const drive = await new Drive(copy(fromElements([], { splits: 0 }) as unknown as Source<number>), { parallelism: 2 }).submit();
    expect(await drive.untilEnd()).toEqual([]);
    expect(drive.parent.checkpoint).toBe(1);
  });

  it('fails by name when a split is assigned twice or its reader fails', async () => {
    const good = fromElements(numbers, { splits: 1 }) as unknown as Source<number>;
    const twice: Source<number> = {
      ...good,
      enumerate: async (state, context) => {
        const found = await good.enumerate(state, context);
        return { ...found, assignments: [...found.assignments, ...found.assignments] };
      },
    };
    const broken: Source<number> = { ...good, createReader: () => ({ read: () => Promise.reject(new Error('disk on fire')) }) };
    for (const [source, failure] of [
      [twice, { code: 'SPLIT_ASSIGNED_TWICE', domain: 'program' }],
      [
        broken,
        { code: 'SOURCE_FAILED', domain: 'external', operator: 'Source: elements', message: expect.stringContaining('disk on fire') },
      ],
    ] as const) {
      const drive = await new Drive(copy(source)).submit();
      await drive.inject();
      expect(await drive.level(0)).toMatchObject([{ kind: 'failed', failure }]);
    }
  });
});
