// Catches: state of the memory backend that is lost or doubled on its way into the manifest, or that grows without bound.
import { describe, expect, it } from 'vitest';
import { defineJob, valueState } from '../../src/index.ts';
import { segmentsOf } from '../../src/protocol/manifest-segments.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { countsByTime, countsOfCounts, delaysByAirport } from './jobs.ts';

const jobs = [
  delaysByAirport(120, { recordsPerSecond: 25 }),
  countsOfCounts(60, { recordsPerSecond: 12 }),
  countsByTime(90, { recordsPerSecond: 40, irregular: true }),
];

/** Every element is kept, as so many bytes that nothing can compress. */
function hoarder(bytes: number, elements: number, recordsPerSecond = 1) {
  const sink = collectSink<number>('kept');
  const noise = (seed: number): Uint8Array => {
    const filled = new Uint8Array(bytes);
    let word = seed + 1;
    for (let index = 0; index < bytes; index++) {
      word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
      filled[index] = word >>> 24;
    }
    return filled;
  };
  const definition = defineJob({
    name: 'hoarder',
    build(env) {
      const numbers = Array.from({ length: elements }, (_, index) => ({ number: index }));
      env
        .fromSource(fromElements(numbers, { recordsPerSecond }))
        .uid('numbers')
        .keyBy('number')
        .process({
          state: { hoard: valueState<Uint8Array>() },
          onElement({ number }, { state }, out: { collect(value: number): void }) {
            state.hoard.update(noise(number));
            out.collect(number);
          },
        })
        .uid('hoard')
        .sinkTo(sink)
        .uid('kept');
    },
  });
  return { definition, sink };
}

describe('the memory backend', () => {
  it.each(jobs.map((job) => [job.name, job] as const))(
    '%s equals the reference, with all state inside the manifest',
    async (_name, job) => {
      const result = await simulateJob(job.definition, { parallelism: 2, stateBackend: 'memory', compareWithReference: true });
      expect(result.status).toBe('FINISHED');
      const segments = result.checkpoints.flatMap(segmentsOf);
      expect(segments.length).toBeGreaterThan(2);
      expect(segments.every(({ at }) => at.kind === 'inline')).toBe(true);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('equals the reference under random faults, seed %i', async (seed) => {
    const job = jobs[seed % jobs.length]!;
    const faults = randomFaults({ seed, probability: 0.02 });
    const result = await simulateJob(job.definition, { parallelism: 2, stateBackend: 'memory', compareWithReference: true, seed, faults });
    expect(result.status).toBe('FINISHED');
  });

  it('takes in state that is too large to travel in an acknowledgement', async () => {
    const { definition, sink } = hoarder(200_000, 3);
    const result = await simulateJob(definition, { stateBackend: 'memory' });
    expect(result.status).toBe('FINISHED');
    expect(result.output(sink)).toHaveLength(3);
    expect(segmentsOf(result.checkpoints.at(-1)!).every(({ at }) => at.kind === 'inline')).toBe(true);
  });

  it('fails the checkpoint, and the job, when a subtask has more state than it holds, and names the state', async () => {
    const { definition } = hoarder(3_000_000, 3);
    const result = await simulateJob(definition, { stateBackend: 'memory' });
    expect(result.status).toBe('FAILED');
    expect(result.cause).toMatchObject({ code: 'MEMORY_BACKEND_FULL', operator: 'hoard' });
    expect(result.cause?.message).toMatch(
      /takes 6\d{6} bytes at rest, most of it state "hoard" of operator "hoard".* at most 5242880 bytes of a subtask/,
    );
    expect(result.cause?.advice).toContain('"dynamodb" or "filesystem"');
    expect(result.record.totals.checkpointsFailed).toBe(1);
    expect(result.record.latest.checkpoint).toBeGreaterThan(0);
  });

  it('fails also when no subtask has too much, but all of them together have', async () => {
    const { definition } = hoarder(350_000, 50, 25);
    const result = await simulateJob(definition, { stateBackend: 'memory', parallelism: 8, slots: 2 });
    expect(result.status).toBe('FAILED');
    expect(result.cause?.message).toMatch(/all subtasks together/);
  });
});
