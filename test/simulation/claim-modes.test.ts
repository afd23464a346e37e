// Catches: a job that harms what it was restored from, keeps it for ever, or leaves what it had for itself behind.
import { describe, expect, it } from 'vitest';
import { recordKeys } from '../../src/protocol/names.ts';
import type { ClaimMode, SnapshotRecord } from '../../src/protocol/snapshot-record.ts';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { deleteGarbage, explainStorage } from '../../src/savepoint/explain-storage.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { randomFaults, type SimulationOptions, type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { stateRoot } from '../../src/testing/simulated-deployment.ts';
import { countsOfCounts } from './jobs.ts';

const job = countsOfCounts(60, { recordsPerSecond: 6, splits: 4 });

const run = (options: SimulationOptions = {}): Promise<SimulationResult> =>
  simulateJob(job.definition, { parallelism: 2, compareWithReference: true, segmentInlineBytes: 300, ...options });

const stopped = (format: 'native' | 'canonical', options: SimulationOptions = {}): Promise<SimulationResult> =>
  run({ requests: [{ kind: 'stop', afterCheckpoint: 3, format }], ...options });

const kept = (all: 'retain' | 'delete', number = 1) => ({ kept: number, onCancel: all, onFailure: all, onFinish: all }) as const;

const snapshotIn = ({ world }: SimulationResult, path: string): SnapshotRecord | undefined => {
  const key = recordKeys.snapshot(path);
  return world.records.find((record) => record.key.partition === key.partition)?.fields as unknown as SnapshotRecord | undefined;
};

/** Names of what is stored as state in the world, but for exchange data. */
async function stateIn({ world }: Pick<SimulationResult, 'world'>): Promise<readonly string[]> {
  const items = await explainStorage(new SimulatedCloud({ world }).for(), { stateRoot });
  return items.filter(({ what }) => what?.kind !== 'exchange').map(({ name }) => name);
}

const cases: readonly (readonly [ClaimMode, 'native' | 'canonical', number])[] = [
  ['claim', 'native', 2],
  ['claim', 'native', 3],
  ['claim', 'canonical', 2],
  ['claim', 'canonical', 3],
  ['no_claim', 'native', 2],
  ['no_claim', 'native', 3],
  ['no_claim', 'canonical', 3],
];

describe.each(cases)('a job that begins with %s from a %s savepoint, at parallelism %i,', (claimMode, format, parallelism) => {
  it(claimMode === 'claim' ? 'leaves nothing of it once it has finished' : 'leaves it whole, for others to begin from', async () => {
    const first = await stopped(format);
    const second = await run({ parallelism, resume: { from: first, claimMode }, retention: kept('delete') });
    expect(second.status).toBe('FINISHED');
    const savepoint = snapshotIn(second, first.restorable);
    expect(savepoint).toMatchObject(claimMode === 'claim' ? { state: 'deleted' } : { state: 'live', claims: [] });
    if (claimMode === 'claim') {
      expect(await stateIn(second)).toEqual([]);
      expect([...second.world.objects.keys()].filter((uri) => uri.startsWith(`${first.restorable}/`))).toEqual([]);
      return;
    }
    // The world has the output of both by now, which is no reference run's.
    const resume = { from: { ...first, world: second.world } };
    const third = await run({ seed: 'another', resume, compareWithReference: false });
    expect(third.status).toBe('FINISHED');
    expect(third.output(job.sink).length).toBeGreaterThan(second.output(job.sink).length);
    const cloud = new SimulatedCloud({ world: third.world });
    await disposeSnapshot(cloud.for(), first.restorable);
    expect(await stateIn({ world: cloud.world })).toEqual([]);
  });

  it('keeps what its retained checkpoints need, and they restore', async () => {
    const first = await stopped(format);
    const second = await run({
      parallelism,
      resume: { from: first, claimMode },
      retention: kept('retain', 2),
      requests: [{ kind: 'cancelNow', afterCheckpoint: first.record.latest.checkpoint + 2 }],
    });
    expect(second.status).toBe('CANCELED');
    const cloud = new SimulatedCloud({ world: second.world });
    expect(second.record.retained).toHaveLength(1);
    for (const { checkpoint } of [...second.record.retained, second.record.latest]) {
      await openSnapshot(cloud.for(), `${stateRoot}/checkpoints/${second.jobId}/chk-${checkpoint}`);
    }
    const third = await run({ resume: { from: second } });
    expect(third.status).toBe('FINISHED');
  });
});

describe('with faults', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('what was claimed is gone in the end, and no output is lost, seed %i', async (seed) => {
    const first = await stopped(seed % 2 === 0 ? 'native' : 'canonical', { seed, faults: randomFaults({ seed, probability: 0.02 }) });
    const faults = randomFaults({ seed: `second ${seed}`, probability: 0.02 });
    const second = await run({ seed, faults, parallelism: 3, resume: { from: first, claimMode: 'claim' }, retention: kept('delete') });
    expect(second.status).toBe('FINISHED');
    expect(snapshotIn(second, first.restorable)).toMatchObject({ state: 'deleted' });
    const cloud = new SimulatedCloud({ world: second.world });
    await cloud.clock.sleep(5_400_000);
    await deleteGarbage(cloud.for(), await explainStorage(cloud.for(), { stateRoot }));
    expect(await stateIn({ world: cloud.world })).toEqual([]);
  });
});
