// Catches: a canonical savepoint whose operation never completes, completes with a path that does not restore, or leaves the native one.
import { describe, expect, test } from 'vitest';
import type { RecordFields } from '../../src/cloud/index.ts';
import { DisposalService } from '../../src/job/disposal-service.ts';
import { driveCopy } from '../../src/job/drive-copy.ts';
import { JobService } from '../../src/job/job-service.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { OperationRecord, OperationResult } from '../../src/protocol/operation.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { idOf, JobHistory, root, savepoints, segmentsThere, snapshotAt, watch } from '../savepoint/job-history.ts';
import { persistently, strikes } from '../savepoint/persistently.ts';

function history(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(3, [1, 2, 3]);
  const native = job.savepoint(3);
  job.complete(4, [3, 4]);
  const asked = { id: idOf('1'), kind: 'savepoint', directory: savepoints, format: 'canonical' } as const;
  const operation: OperationRecord = {
    id: asked.id,
    jobId: job.jobId,
    asked,
    createdAt: cloud.clock.now(),
    state: { kind: 'copying', from: native },
  };
  cloud.records.place(recordKeys.operation(job.jobId, operation.id), operation as unknown as RecordFields);
  return { cloud, violations, job, native, operation };
}

const operationAt = (cloud: SimulatedCloud, of: OperationRecord): OperationRecord =>
  cloud.records.peek(recordKeys.operation(of.jobId, of.id))?.fields as unknown as OperationRecord;

const resultOf = ({ state }: OperationRecord): OperationResult => {
  if (state.kind !== 'completed') throw new Error(`It is ${state.kind}.`);
  return state.result;
};

const pathOf = (operation: OperationRecord): string => {
  const result = resultOf(operation);
  if (result.kind !== 'savepoint') throw new Error(JSON.stringify(result));
  return result.path;
};

describe('the canonical copy of a savepoint', () => {
  test('completes its operation once it is whole, and the native one is gone', async () => {
    const { cloud, job, native, operation } = history();
    const path = pathOf(await driveCopy(cloud.for(), operation));
    expect(path).toMatch(/^s3:\/\/bucket\/savepoints\/savepoint-aaaaaa-[0-9a-f]{12}$/);
    expect(path).not.toBe(native);
    expect((await openSnapshot(cloud.for(), path)).selfContained).toBe(true);
    expect(snapshotAt(cloud, native)?.state).toBe('deleted');
    expect(segmentsThere(cloud, job.jobId)).toEqual(['3.0', '3.1', '4.0', '4.1']);
  });

  test('goes on over as many calls as it takes', async () => {
    const { cloud, operation } = history();
    let polls = 0;
    for (let now = operation; now.state.kind === 'copying'; polls++) now = await driveCopy(cloud.for(), operation, 1);
    expect(polls).toBeGreaterThan(1);
    pathOf(operationAt(cloud, operation));
  });

  test.each(['the sweep', 'the end of a driver'] as const)('is driven by %s when nobody asks', async (whose) => {
    const { cloud, operation } = history();
    const jobs = new JobService(cloud.for(), { stateRoot: root });
    // This job has no program that could be driven; its copy is made all the same.
    await expect(jobs.supervise(whose === 'the sweep' ? undefined : operation.jobId)).rejects.toThrow(/jobWorkflow/);
    pathOf(operationAt(cloud, operation));
  });

  test('that can not be made completes with the native savepoint, and says why', async () => {
    const { cloud, job, native, operation } = history();
    const { at } = job.segment(2, 1);
    if (at.kind === 'object') await cloud.objects.immediate().delete(at.uri);
    const result = resultOf(await driveCopy(cloud.for(), operation));
    expect(result).toMatchObject({ kind: 'savepoint', path: native, note: expect.stringMatching(/canonical copy failed.*segment/) });
    expect(snapshotAt(cloud, native)?.state).toBe('live');
  });

  test('that fails for hours is given up', async () => {
    const { cloud, native, operation } = history((call) => (call.operation === 'objects.put' ? { kind: 'errorBefore' } : undefined));
    expect((await driveCopy(cloud.for(), operation)).state.kind).toBe('copying');
    await cloud.clock.sleep(7 * 3_600_000);
    expect(resultOf(await driveCopy(cloud.for(), operation))).toMatchObject({ path: native, note: expect.stringContaining('failed') });
  });

  for (const kind of strikes) {
    test(`comes to one of its two ends whichever call is struck by ${kind}`, async () => {
      const quiet = history();
      await driveCopy(quiet.cloud.for(), quiet.operation);
      for (let struck = 0; struck < quiet.cloud.calls.count; struck++) {
        const { cloud, violations, native, operation } = history((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
        const drive = async (stores: ReturnType<SimulatedCloud['for']>) => {
          const now = await driveCopy(stores, operationAt(cloud, operation));
          if (now.state.kind === 'copying') throw Object.assign(new Error('again'), { code: 'SERVICE_FAILED' });
        };
        await persistently(cloud, drive);
        await cloud.clock.sleep(120_000);
        expect(violations.found).toEqual([]);
        const path = pathOf(operationAt(cloud, operation));
        expect((await openSnapshot(cloud.for(), path)).selfContained, `struck at call ${struck}`).toBe(true);
        expect(snapshotAt(cloud, native)?.state).toBe('deleted');
      }
    });
  }

  test('may be made by two at once', async () => {
    for (let delayed = 0; delayed < 40; delayed++) {
      const { cloud, operation } = history((call) => (call.index === delayed ? { kind: 'delay', ms: 700 } : undefined));
      const [a, b] = await Promise.all([driveCopy(cloud.for(), operation), driveCopy(cloud.for(), operation)]);
      expect(pathOf(a)).toBe(pathOf(b));
      expect((await openSnapshot(cloud.for(), pathOf(a))).selfContained, `delayed at call ${delayed}`).toBe(true);
    }
  });
});

describe('a disposal', () => {
  test('is an operation: asked again under its id it tells the same, under another that the savepoint is gone', async () => {
    const { cloud, native } = history();
    const service = new DisposalService(cloud.for());
    const { id } = await service.dispose({ path: native, id: idOf('2') });
    const first = resultOf(await service.disposal(id));
    expect(first).toMatchObject({ kind: 'disposed', deleted: 5, kept: [{ why: expect.stringContaining('checkpoint 4') }] });
    await service.dispose({ path: native, id });
    expect(resultOf(await service.disposal(id))).toEqual(first);
    const second = await service.dispose({ path: native });
    expect(resultOf(await service.disposal(second.id))).toMatchObject({ kind: 'failed', failure: { code: 'SAVEPOINT_DISPOSED' } });
    expect(resultOf(await service.disposal((await service.dispose({ path: 'nonsense' })).id))).toMatchObject({
      kind: 'failed',
      failure: { code: 'SNAPSHOT_PATH_INVALID' },
    });
  });

  test('that nobody asks after is carried on by the sweep', async () => {
    const { cloud, native } = history((call) => (call.index === 5 ? { kind: 'loseEnvironment' } : undefined));
    const outcome = await persistently(cloud, (stores) =>
      new DisposalService(stores).dispose({ path: native, id: idOf('2') }).then(() => undefined),
    ).catch(() => undefined);
    expect(outcome).toBeDefined();
    await new DisposalService(cloud.for()).sweep();
    expect(snapshotAt(cloud, native)?.state).toBe('deleted');
  });

  for (const kind of strikes) {
    test(`under one id has one result whichever call is struck by ${kind}`, async () => {
      const quiet = history();
      await new DisposalService(quiet.cloud.for()).dispose({ path: quiet.native, id: idOf('2') });
      for (let struck = 0; struck < quiet.cloud.calls.count; struck++) {
        const { cloud, violations, native } = history((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
        await persistently(cloud, (stores) => new DisposalService(stores).dispose({ path: native, id: idOf('2') }));
        const polled = await persistently(cloud, (stores) => new DisposalService(stores).disposal(idOf('2')));
        expect(polled.kind === 'done' && resultOf(polled.value).kind, `struck at call ${struck}`).toBe('disposed');
        expect(violations.found).toEqual([]);
        expect(snapshotAt(cloud, native)?.state).toBe('deleted');
      }
    });
  }
});
