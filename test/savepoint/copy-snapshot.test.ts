// Catches: a copy that is not whole, that can't be moved, that is taken for whole too early, or that two writers spoil.
import { describe, expect, test } from 'vitest';
import { segmentsOf } from '../../src/protocol/manifest-segments.ts';
import { claimSnapshot } from '../../src/savepoint/claims.ts';
import { copySnapshot } from '../../src/savepoint/copy-snapshot.ts';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { type OpenedSnapshot, openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { readSegment } from '../../src/state/index.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, segmentsThere, snapshotAt, watch } from './job-history.ts';
import { persistently, strikes } from './persistently.ts';

const target = 's3://bucket/copies/one';

function history(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(1, [1]);
  job.complete(3, [1, 2, 3]);
  const savepoint = job.savepoint(3);
  return { cloud, violations, stores: cloud.for(), job, savepoint };
}

/** The bytes of all segments, in the manifest's order. */
async function contentOf(stores: ReturnType<SimulatedCloud['for']>, { manifest }: OpenedSnapshot): Promise<readonly string[]> {
  return Promise.all(segmentsOf(manifest).map(async (ref) => new TextDecoder().decode(await readSegment(stores, ref))));
}

describe('a canonical copy', () => {
  test('has the same state, and still has it when it was moved and all else is gone', async () => {
    const { cloud, stores, job, savepoint } = history();
    const native = await openSnapshot(stores, savepoint);
    const content = await contentOf(stores, native);
    expect((await copySnapshot(stores, native, `${target}/`)).kind).toBe('copied');
    const moved = 's3://elsewhere/moved';
    for (const uri of cloud.objects.names(target)) cloud.objects.place(uri.replace(target, moved), cloud.objects.peek(uri)!);
    await disposeSnapshot(stores, target);
    job.complete(4, [4]);
    await disposeSnapshot(stores, savepoint);
    expect(segmentsThere(cloud, job.jobId)).toEqual(['4.0', '4.1']);
    const opened = await openSnapshot(stores, moved);
    expect(opened).toMatchObject({ path: moved, record: undefined, selfContained: true });
    expect(await contentOf(stores, opened)).toEqual(content);
    expect(content).toHaveLength(6);
  });

  test('does not list output that is published already', async () => {
    const { stores, savepoint } = history();
    await copySnapshot(stores, await openSnapshot(stores, savepoint), target);
    const { manifest } = await openSnapshot(stores, target);
    expect(manifest.vertices.flatMap(({ subtasks }) => subtasks.flatMap(({ committables }) => committables))).toEqual([]);
  });

  test('made again is the same, and goes on where it was stopped for want of time', async () => {
    const { cloud, stores, savepoint } = history();
    const native = await openSnapshot(stores, savepoint);
    const until = cloud.clock.now();
    expect(await copySnapshot(stores, native, target, { until })).toEqual({ kind: 'unfinished', copied: 4, of: 6 });
    expect(await codeOf(openSnapshot(stores, target))).toBe('NOT_A_SAVEPOINT');
    const first = await copySnapshot(stores, native, target);
    expect(await copySnapshot(stores, native, target)).toEqual(first);
  });

  test('is not made over another savepoint, nor where one was disposed of', async () => {
    const { stores, job, savepoint } = history();
    job.complete(4, [4]);
    const other = await openSnapshot(stores, job.savepoint(4));
    const native = await openSnapshot(stores, savepoint);
    await copySnapshot(stores, native, target);
    expect(await codeOf(copySnapshot(stores, other, target))).toBe('SAVEPOINT_TARGET_TAKEN');
    await disposeSnapshot(stores, target);
    expect(await codeOf(copySnapshot(stores, native, target))).toBe('SAVEPOINT_DISPOSED');
  });

  test('says which segment is not there any more', async () => {
    const { cloud, stores, job, savepoint } = history();
    const native = await openSnapshot(stores, savepoint);
    const { at } = job.segment(2, 1);
    if (at.kind === 'object') await cloud.objects.immediate().delete(at.uri);
    expect(await codeOf(copySnapshot(stores, native, target))).toBe('SEGMENT_MISSING');
    expect(await codeOf(openSnapshot(stores, target))).toBe('NOT_A_SAVEPOINT');
  });

  test('that somebody has for himself leaves him the files that he still needs when it goes', async () => {
    const { cloud, stores, savepoint } = history();
    await copySnapshot(stores, await openSnapshot(stores, savepoint), target);
    const copy = await openSnapshot(stores, target);
    const heir = new JobHistory(cloud, idOf('b'));
    heir.change({ claims: true });
    const { owns } = await claimSnapshot(stores, copy, { jobId: heir.jobId, mode: 'claim' });
    expect(segmentsOf(copy.manifest).every(owns)).toBe(true);
    const needed = segmentsOf(copy.manifest)[0]!;
    heir.complete(4, [4], (ref) => (ref.at.kind === 'record' ? needed : ref));
    await disposeSnapshot(stores, target, { by: heir.jobId });
    expect(cloud.objects.names(target)).toEqual([needed.at.kind === 'object' ? needed.at.uri : '']);
    expect(snapshotAt(cloud, target)?.state).toBe('deleted');
  });

  for (const kind of strikes) {
    test(`is whole whichever call is struck by ${kind}, once it is tried again`, async () => {
      const quiet = history();
      const copy = async (stores: typeof quiet.stores, savepoint: string) =>
        copySnapshot(stores, await openSnapshot(stores, savepoint), target);
      await copy(quiet.stores, quiet.savepoint);
      const expected = quiet.cloud.objects.names(target);
      expect(expected).toHaveLength(7);
      for (let struck = 0; struck < quiet.cloud.calls.count; struck++) {
        const { cloud, violations, savepoint } = history((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
        await persistently(cloud, (stores) => copy(stores, savepoint));
        await cloud.clock.sleep(120_000);
        expect(violations.found).toEqual([]);
        expect(cloud.objects.names(target), `struck at call ${struck}`).toEqual(expected);
        expect(await contentOf(cloud.for(), await openSnapshot(cloud.for(), target))).toHaveLength(6);
      }
    });
  }
});
