// Requests that meet each other, the end of the job and its failures, under delays by chance. The checkers of the world look
// at every revision of every record and at every deletion; the tests say which outcomes are legal.
// Set WEIR_SEEDS for more seeds, WEIR_SEED for the first of them.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { OperationResult } from '../../src/protocol/operation.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { countsOfCounts, failingAt } from './jobs.ts';
import { randomDelays } from './support/random-delays.ts';
import { inWorld, type World } from './support/world.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 40);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);
const range = Array.from({ length: seeds }, (_, index) => firstSeed + index);
const job = countsOfCounts(180, { recordsPerSecond: 10 });

const sorted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();

const straight = inWorld({}, async (world) => {
  world.deploy('counts', job.definition);
  await world.ended(await world.start('counts', { parallelism: 2 }));
  return sorted(world.output(job.sink));
});

/** Runs the race once for each seed, on a running job; every failure with its seed. */
async function races(run: (world: World, jobId: string, pause: (ms: number) => Promise<void>) => Promise<void>): Promise<void> {
  for (const seed of range) {
    await inWorld({ seed, faults: randomDelays({ seed }) }, async (world) => {
      world.deploy('counts', job.definition);
      const jobId = await world.start('counts', { parallelism: 2 });
      const random = seededRandom(`race ${seed}`);
      await world.atCheckpoint(jobId, 1 + Math.floor(random.fraction() * 4));
      await run(world, jobId, (ms) => world.cloud.clock.sleep(Math.floor(random.fraction() * ms)));
    });
  }
}

type Answer = OperationResult | { readonly kind: 'refused'; readonly code: string };

const pathsOf = (answers: readonly Answer[]): readonly string[] =>
  answers.flatMap((answer) => (answer.kind === 'savepoint' ? [answer.path] : []));

/** Whoever is told of a savepoint can restore from it: it is known, live and whole. */
async function expectWhole(world: World, paths: readonly string[]): Promise<void> {
  for (const path of paths) await openSnapshot(world.cloud.for(), path);
}

const expectEnded = (answer: Answer): void => expect(answer).toMatchObject({ kind: 'failed', failure: { code: 'JOB_ENDED' } });

describe('under delays by chance', () => {
  it('two triggers for the same come to one savepoint or to two, each of them whole, and the job is as if nobody had asked', async () => {
    const expected = await straight;
    const found = new Set<number>();
    await races(async (world, jobId, pause) => {
      const second = pause(5_000).then(() => world.savepoint({ jobId, kind: 'savepoint' }));
      const paths = await Promise.all([world.savepoint({ jobId, kind: 'savepoint' }), second]);
      await expectWhole(world, paths);
      expect((await world.ended(jobId)).status).toBe('FINISHED');
      expect(sorted(world.output(job.sink))).toEqual(expected);
      await expectWhole(world, paths);
      found.add(new Set(paths).size);
    });
    expect(found).toEqual(new Set([1, 2]));
  }, 600_000);

  it('two triggers into different directories come to two savepoints, also if one is a copy', async () => {
    await races(async (world, jobId, pause) => {
      const second = pause(600).then(() =>
        world.savepoint({ jobId, kind: 'savepoint', directory: 's3://elsewhere/b', format: 'canonical' }),
      );
      const paths = await Promise.all([world.savepoint({ jobId, kind: 'savepoint', directory: 's3://elsewhere/a' }), second]);
      expect(paths.map((path) => path.slice(0, 's3://elsewhere/a/'.length))).toEqual(['s3://elsewhere/a/', 's3://elsewhere/b/']);
      await world.ended(jobId);
      await expectWhole(world, paths);
    });
  }, 600_000);

  it('a trigger against the end of the job comes to a savepoint, or says that the job has ended', async () => {
    const expected = await straight;
    const found = new Set<string>();
    await races(async (world, jobId, pause) => {
      await world.when(jobId, ({ totals }) => totals.recordsIn >= 165);
      await pause(1_800);
      const answer = await world.ask({ jobId, kind: 'savepoint' });
      if (answer.kind !== 'savepoint') expectEnded(answer);
      expect((await world.ended(jobId)).status).toBe('FINISHED');
      expect(sorted(world.output(job.sink))).toEqual(expected);
      await expectWhole(world, pathsOf([answer]));
      found.add(answer.kind);
    });
    expect(found).toEqual(new Set(['savepoint', 'failed']));
  }, 600_000);

  it('of cancellations with savepoints, a stop and a plain cancel exactly one ends the job, in the way it was asked for', async () => {
    const found = new Set<string>();
    await races(async (world, jobId, pause) => {
      const [first, second, stop, plain] = await Promise.all([
        pause(900).then(() => world.ask({ jobId, kind: 'cancel' })),
        pause(900).then(() => world.ask({ jobId, kind: 'cancel', directory: 's3://elsewhere/a' })),
        pause(900).then(() => world.ask({ jobId, kind: 'stop' })),
        pause(6_000).then(() => world.cancel(jobId)),
      ]);
      const { status } = await world.ended(jobId);
      const cancelled = pathsOf([first, second]);
      const stopped = pathsOf([stop]);
      for (const answer of [first, second, stop]) if (answer.kind !== 'savepoint') expectEnded(answer);
      expect(plain.kind).toBe('done');
      const accepted = plain.kind === 'done' && plain.value === 'accepted';
      // Two cancellations may be answered by one barrier; a stop and a cancellation never are.
      expect([cancelled.length > 0, stopped.length > 0, accepted].filter((each) => each)).toHaveLength(1);
      expect(status).toBe(stopped.length > 0 ? 'FINISHED' : 'CANCELED');
      await expectWhole(world, [...cancelled, ...stopped]);
      found.add(accepted ? 'plain' : stopped.length > 0 ? 'stop' : `cancel ${cancelled.length}`);
    });
    expect(found).toContain('plain');
    expect(found).toContain('stop');
    expect([...found].filter((each) => each.startsWith('cancel'))).not.toEqual([]);
  }, 600_000);

  it('a savepoint of a failing job comes to a whole savepoint, and the result is exact', async () => {
    for (const seed of range) {
      const failing = failingAt([7, 19, 20, 33, 46], 60, { recordsPerSecond: 10 });
      await inWorld({ seed, faults: randomDelays({ seed }) }, async (world) => {
        world.deploy('failing', failing.definition);
        const jobId = await world.start('failing', { parallelism: 2 });
        const random = seededRandom(`race ${seed}`);
        const answers = await Promise.all(
          Array.from({ length: 4 }, async () => {
            await world.cloud.clock.sleep(Math.floor(random.fraction() * 12_000));
            return await world.ask({ jobId, kind: 'savepoint' });
          }),
        );
        const { status, totals } = await world.ended(jobId);
        expect(status).toBe('FINISHED');
        expect(totals.restarts).toBeGreaterThan(0);
        for (const answer of answers) if (answer.kind !== 'savepoint') expectEnded(answer);
        expect(pathsOf(answers).length).toBeGreaterThan(0);
        await expectWhole(world, pathsOf(answers));
        expect(sorted(world.output(failing.sink))).toEqual(sorted(failing.expected));
      });
    }
  }, 600_000);

  it('disposing against restoring: either there is nothing to begin from, or the savepoint stays until the job has its own', async () => {
    const expected = await straight;
    const found = new Set<string>();
    await races(async (world, jobId, pause) => {
      // Finished jobs retain no checkpoints: what the savepoint needs is kept by it alone.
      const path = await world.savepoint({ jobId, kind: 'stop' });
      const seen = world.output(job.sink).length;
      const [restored, disposed] = await Promise.all([
        pause(1_200).then(() => world.submit('counts', { parallelism: 3, restore: { path } })),
        pause(3_000).then(() => world.dispose(path)),
      ]);
      if (restored.kind === 'refused') {
        expect(disposed.kind).toBe('done');
        expect(['SAVEPOINT_DISPOSED', 'SAVEPOINT_NOT_FOUND', 'SEGMENT_MISSING']).toContain(restored.code);
        expect(world.output(job.sink)).toHaveLength(seen);
      } else {
        if (disposed.kind === 'refused') expect(disposed.code).toBe('SAVEPOINT_IN_USE');
        expect((await world.ended(restored.value)).status).toBe('FINISHED');
        expect(sorted(world.output(job.sink))).toEqual(expected);
      }
      found.add(`restore ${restored.kind}, disposal ${disposed.kind}`);
      // In the end it can be disposed of, if it was not, and nobody is harmed.
      if (disposed.kind === 'refused') expect(await world.dispose(path)).toMatchObject({ kind: 'done' });
      expect(await world.submit('counts', { restore: { path } })).toMatchObject({ kind: 'refused', code: 'SAVEPOINT_DISPOSED' });
    });
    expect(found).toContain('restore refused, disposal done');
    expect(found).toContain('restore done, disposal refused');
  }, 600_000);

  it('two jobs that begin from one savepoint at once give what each of them gives alone, and leave it whole', async () => {
    const expected = await straight;
    await races(async (world, jobId, pause) => {
      const path = await world.savepoint({ jobId, kind: 'stop' });
      const before = world.output(job.sink);
      const both = await Promise.all(
        [2, 3].map(async (parallelism) => {
          await pause(1_500);
          const id = await world.start('counts', { parallelism, restore: { path } });
          expect((await world.ended(id)).status).toBe('FINISHED');
          return id;
        }),
      );
      for (const id of both) expect(sorted([...before, ...world.output(job.sink, id)])).toEqual(expected);
      await expectWhole(world, [path]);
      expect(await world.dispose(path)).toMatchObject({ kind: 'done', value: { kept: [] } });
    });
  }, 600_000);
});
