// Catches: a generator that has stopped making what it is for.
import { describe, expect, it } from 'vitest';
import { buildJob } from '../../src/stream/build-job.ts';
import { simulateJob } from '../../src/testing/index.ts';
import { sizeOf } from './support/judge-program.ts';
import { randomProgram } from './support/random-program.ts';

const seeds = Array.from({ length: 150 }, (_, index) => index + 1);

describe('random programs', () => {
  it('have every kind of operator and partitioner, at some parallelism of its own', () => {
    const steps = seeds.flatMap((seed) => randomProgram({ seed, size: sizeOf(seed) }).plan);
    const kinds = [...new Set(steps.map((step) => step.kind))].toSorted();
    expect(kinds).toEqual(
      [
        ...[
          'broadcast',
          'chaos',
          'connect',
          'count',
          'extreme',
          'filter',
          'flaky',
          'flatMap',
          'globalWindow',
          'keyedBroadcast',
          'keyedConnect',
        ],
        ...['map', 'process', 'running', 'settle', 'side', 'sink', 'source', 'union', 'window'],
      ].toSorted(),
    );
    const dealt = new Set(steps.flatMap((step) => step.partitionings));
    expect(dealt).toEqual(new Set([undefined, 'forward', 'rebalance', 'rescale', 'shuffle', 'broadcast', 'global', 'custom']));
    expect(new Set(steps.map((step) => step.parallelism))).toEqual(new Set([undefined, 1, 2, 3, 4]));
    expect(new Set(steps.map((step) => step.chaining))).toEqual(new Set([undefined, 'head', 'never']));
  });

  it('have a uid on every operator that keeps something', () => {
    for (const seed of seeds) {
      const { definition } = randomProgram({ seed, size: sizeOf(seed) });
      expect(buildJob(definition, {}).warnings, `seed ${seed}`).toEqual([]);
    }
  });

  it('are the same for the same seed, and others for another', () => {
    const text = (seed: number) => randomProgram({ seed, size: 'large' }).text;
    expect(text(3)).toBe(text(3));
    expect(text(3)).not.toBe(text(4));
  });

  it('give the same, in some order, at any parallelism and with other epochs, if they are told to depend on neither', async () => {
    let values = 0;
    for (const seed of seeds.slice(0, 12)) {
      const outputs = [];
      for (const parallelism of [1, 3]) {
        const program = randomProgram({ seed, size: 'medium', independentOnly: true, cutSeed: parallelism });
        expect(program.sinks.every((sink) => sink.independent)).toBe(true);
        const result = await simulateJob(program.definition, { seed, parallelism });
        outputs.push(
          program.sinks.map(({ sink }) =>
            result
              .output(sink)
              .map((item) => JSON.stringify(item, bigintAsText))
              .toSorted(),
          ),
        );
      }
      expect(outputs[1], `seed ${seed}`).toEqual(outputs[0]);
      values += outputs[0]!.flat().length;
    }
    expect(values).toBeGreaterThan(100);
  });
});

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
