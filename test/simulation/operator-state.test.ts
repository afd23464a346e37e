// Operator state of functions in the chains of sources and behind shuffles, and the functions' beginnings and ends.
import { describe, expect, it } from 'vitest';
import { broadcastMapState, type Collector, defineJob, splitListState, subtaskState, unionListState } from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';

/** Numbers every element where it is read, drops those seen lately, and gives them out in threes. */
function numbered(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('threes');
  const definition = defineJob({
    name: 'threes',
    build(env) {
      env
        .fromSource(
          fromElements(
            Array.from({ length: count }, (_, index) => (index * 7) % 10),
            { ...epochs, splits: 1 },
          ),
        )
        .uid('digits')
        .map({
          operatorState: { count: splitListState<number>() },
          map(digit, { operatorState }) {
            const number = (operatorState.count.get()[0] ?? 0) + 1;
            operatorState.count.update([number]);
            return { digit, number };
          },
        })
        .uid('numbers')
        .shuffle()
        .filter({
          operatorState: { lately: unionListState<number>() },
          filter({ digit }, { operatorState: { lately } }) {
            if (lately.get().includes(digit)) return false;
            if (lately.get().length > 3) lately.clear();
            lately.add(digit);
            return true;
          },
        })
        .uid('recent')
        .process({
          operatorState: { waiting: splitListState<number>() },
          onElement({ number }, { operatorState: { waiting } }, out: Collector<readonly number[]>) {
            waiting.addAll([number]);
            if (waiting.get().length < 3) return;
            out.collect(waiting.get());
            waiting.clear();
          },
        })
        .uid('threes')
        .map({
          operatorState: { last: subtaskState<readonly number[]>() },
          map(numbers, { operatorState: { last } }) {
            const before = last.value();
            if (numbers[0]! % 5 === 0) last.clear();
            else last.update(numbers);
            return { numbers, before };
          },
        })
        .uid('pairs of threes')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('numbered', sink, definition);
}

/** Every subtask gets all words, in one order, and counts them in a map of its own, which is so alike in all. */
function wordCounts(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('counts');
  const definition = defineJob({
    name: 'broadcast counts',
    build(env) {
      env
        .fromSource(
          fromElements(
            Array.from({ length: count }, (_, index) => `w${(index * 7) % 5}`),
            { ...epochs, splits: 1 },
          ),
        )
        .setParallelism(1)
        .uid('words')
        .broadcast()
        .process({
          operatorState: { counts: broadcastMapState<string, number>() },
          onElement(word, { operatorState: { counts } }, out: Collector<unknown>) {
            counts.put(word, (counts.get(word) ?? 0) + 1);
            if (counts.size === 5) out.collect([...counts]);
            if (counts.size === 5) counts.delete(word);
          },
        })
        .uid('counts')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('broadcast counts', sink, definition);
}

describe('a broadcast map of a function that is not connected', () => {
  it('is that of the reference in every subtask, and alike in all', async () => {
    const { definition, sink } = wordCounts(60, { recordsPerSecond: 15 });
    const result = await simulateJob(definition, { parallelism: 3, compareSubtasks: true });
    const outputs = result.output(sink).map((counts) => JSON.stringify(counts));
    expect(outputs.length).toBe(3 * new Set(outputs).size);
    expect(outputs.length).toBeGreaterThan(5);
  });

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 8 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1 + (index % 3),
      environmentsPerFunction: 1 + (index % 2),
      compareWithReference: false,
      compareSubtasks: true,
      faults: randomFaults({ seed: index, probability: 0.03, untilCall: 600 }),
    }));
    expect(await brokenRuns(wordCounts(40, { recordsPerSecond: 10, irregular: true }), runs)).toEqual([]);
  });
});

describe('operator state', () => {
  it('is that of the reference where one subtask has all of it', async () => {
    const { definition, sink } = numbered(60, { recordsPerSecond: 15 });
    const result = await simulateJob(definition, { parallelism: 1, compareWithReference: true });
    expect(result.output(sink).length).toBeGreaterThan(5);
  });

  it.each([2, 3])('is that of the reference in every subtask at parallelism %i', async (parallelism) => {
    const { definition, sink } = numbered(60, { recordsPerSecond: 15 });
    const result = await simulateJob(definition, { parallelism, compareSubtasks: true });
    expect(result.output(sink).length).toBeGreaterThan(5);
  });

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 16 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1,
      environmentsPerFunction: 1 + (index % 3),
      faults: randomFaults({ seed: index, probability: 0.03, untilCall: 600 }),
    }));
    expect(await brokenRuns(numbered(40, { recordsPerSecond: 10, irregular: true }), runs)).toEqual([]);
  });
});
