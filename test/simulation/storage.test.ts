// Catches: state that nobody refers to and that is never found, and, worse, state that somebody needs and that is taken for
// garbage. Jobs run under faults, leave orphans of all kinds, and are collected; what is kept still restores.
import { describe, expect, it } from 'vitest';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { deleteGarbage, explainStorage, type StoredItem } from '../../src/savepoint/explain-storage.ts';
import { listSnapshots } from '../../src/savepoint/list-snapshots.ts';
import { randomFaults, type SimulationOptions, type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { stateRoot } from '../../src/testing/simulated-deployment.ts';
import { countsOfCounts } from './jobs.ts';
import { inWorld } from './support/world.ts';

const job = countsOfCounts(60, { recordsPerSecond: 8, irregular: true, splits: 4 });

/** Still at work when late requests reach it. */
const slow = countsOfCounts(400, { recordsPerSecond: 2, splits: 4 });

const run = (options: SimulationOptions = {}): Promise<SimulationResult> => simulateJob(job.definition, { parallelism: 2, ...options });

/** What is stored in the world that a simulation left, an hour and a half later. */
async function storageOf(result: SimulationResult) {
  const cloud = new SimulatedCloud({ world: result.world });
  await cloud.clock.sleep(5_400_000);
  const stores = cloud.for();
  const items = await explainStorage(stores, { stateRoot });
  return { cloud, stores, items };
}

const of = (items: readonly StoredItem[], kind: StoredItem['verdict']['kind']): readonly string[] =>
  items.filter(({ verdict }) => verdict.kind === kind).map(({ name }) => name);

describe('what is stored', () => {
  it('is nothing but exchange data once a job without savepoints has finished undisturbed', async () => {
    const { items } = await storageOf(await run({ segmentInlineBytes: 100 }));
    expect(items.filter(({ what }) => what?.kind !== 'exchange')).toEqual([]);
  });

  it('is what savepoints refer to once a job with savepoints has finished, and nothing once they are disposed of', async () => {
    const result = await run({
      requests: [
        { kind: 'savepoint', afterCheckpoint: 2 },
        { kind: 'savepoint', afterCheckpoint: 4 },
      ],
      segmentInlineBytes: 100,
    });
    const { stores, items } = await storageOf(result);
    const state = items.filter(({ what }) => what?.kind !== 'exchange');
    expect(state.length).toBeGreaterThan(2);
    expect(of(state, 'needed')).toEqual(state.map(({ name }) => name));
    expect(state.every(({ verdict }) => verdict.kind === 'needed' && verdict.by.every((by) => by.startsWith('Savepoint s3://')))).toBe(
      true,
    );
    const snapshots = await listSnapshots(stores);
    expect(snapshots).toHaveLength(2);
    for (const { path } of snapshots) await disposeSnapshot(stores, path);
    expect((await explainStorage(stores, { stateRoot })).filter(({ what }) => what?.kind !== 'exchange')).toEqual([]);
  });

  it('is all that a job needs that was cancelled and retained its checkpoint', async () => {
    const { items } = await storageOf(await run({ requests: [{ kind: 'cancelNow', afterCheckpoint: 3 }] }));
    const needed = items.filter(({ verdict }) => verdict.kind === 'needed');
    expect(needed.length).toBeGreaterThan(1);
    expect(needed.some(({ what }) => what?.kind === 'manifest')).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'is collected where faults left orphans, and what is kept restores, seed %i',
    async (seed) => {
      const result = await run({
        seed,
        faults: randomFaults({ seed, probability: 0.03 }),
        requests: [{ kind: 'stop', afterCheckpoint: 3 }],
        segmentInlineBytes: seed % 2 === 0 ? 0 : 4_096,
      });
      const { cloud, stores, items } = await storageOf(result);
      expect(of(items, 'left')).toEqual([]);
      const { deleted } = await deleteGarbage(stores, items);
      expect(deleted).toBe(of(items, 'garbage').length);
      const after = await explainStorage(stores, { stateRoot });
      expect(after.map(({ name }) => name)).toEqual(of(items, 'needed'));
      const resumed = await run({ parallelism: 3, resume: { from: { ...result, world: cloud.world } }, compareWithReference: true });
      expect(resumed.status).toBe('FINISHED');
    },
  );

  it('is left alone while its job is at work on it, and while the job is unknown or has just ended', async () => {
    const result = await run({ requests: [{ kind: 'stop', afterCheckpoint: 3 }], segmentInlineBytes: 0 });
    const cloud = new SimulatedCloud({ world: result.world });
    const unknown = `${stateRoot}/checkpoints/${'0'.repeat(32)}/chk-1/manifest-1-${'a'.repeat(32)}`;
    const orphan = `${stateRoot}/checkpoints/${result.jobId}/chk-1/${'b'.repeat(32)}-0-1-nonce`;
    const results = ['visible', 'staged'].map((state) => `${stateRoot}/results/${result.jobId}/${state}/out/1-0-0-0`);
    for (const uri of [unknown, orphan, `${stateRoot}/checkpoints/notes.txt`, ...results]) cloud.objects.place(uri, new Uint8Array(3));
    const verdictOn = async (name: string) =>
      (await explainStorage(cloud.for(), { stateRoot })).find((item) => item.name === name)?.verdict;
    expect(await verdictOn(unknown)).toMatchObject({ kind: 'left', why: expect.stringContaining('no job 000') });
    expect(await verdictOn(orphan)).toMatchObject({ kind: 'left', why: expect.stringContaining('has just ended') });
    expect(await verdictOn(`${stateRoot}/checkpoints/notes.txt`)).toMatchObject({ kind: 'left' });
    await cloud.clock.sleep(3_600_000);
    expect(await verdictOn(orphan)).toMatchObject({ kind: 'garbage', why: expect.stringContaining('has ended') });
    expect(await verdictOn(unknown)).toMatchObject({ kind: 'left' });
    expect(await verdictOn(results[0]!)).toMatchObject({ kind: 'needed' });
    expect(await verdictOn(results[1]!)).toMatchObject({ kind: 'garbage', why: expect.stringContaining('without publishing') });
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'is collected again and again while a job runs, takes savepoints, and another begins from one, seed %i',
    async (seed) => {
      const faults = randomFaults({ seed, probability: 0.02, untilCall: 3_000 });
      await inWorld({ seed, faults }, async (world) => {
        let over = false;
        let collected = 0;
        const collect = async (): Promise<void> => {
          while (!over) {
            const told = await world.client(async (stores) => deleteGarbage(stores, await explainStorage(stores, { stateRoot })));
            if (told.kind === 'done') collected += told.value.deleted;
            await world.cloud.clock.sleep(900);
          }
        };
        world.deploy('counts', slow.definition);
        const first = await world.start('counts', { parallelism: 2, segmentInlineBytes: 200 });
        const collecting = collect();
        await world.atCheckpoint(first, 2);
        await world.savepoint({ jobId: first, kind: 'savepoint' });
        const savepoint = await world.savepoint({ jobId: first, kind: 'cancel' });
        await world.ended(first);
        const second = await world.start('counts', { parallelism: 3, restore: { path: savepoint } });
        expect((await world.ended(second)).status).toBe('FINISHED');
        over = true;
        await collecting;
        expect(collected).toBeGreaterThan(0);
      });
    },
  );
});
