// Catches: a job whose driver was stopped by hand and that stands still, or is driven twice; one that is revived for ever
// although no driver of it gets anywhere; a sweep that looks at all jobs that ever were.
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { JobService } from '../../src/job/job-service.ts';
import { executionName, recordKeys } from '../../src/protocol/names.ts';
import { stateRoot } from '../../src/testing/simulated-deployment.ts';
import { inWorld, type World } from '../simulation/support/world.ts';
import { counting } from './counting-job.ts';

const started = async (world: World, count = 80): Promise<string> => {
  world.deploy('counts', counting(count).definition);
  return await world.start('counts', { parallelism: 2 });
};

const starts = (world: World, jobId: string): readonly string[] =>
  world.cloud.calls.journal.filter((line) => line.includes(`workflows.start ${jobId}`) && line.endsWith(' started'));

describe('a driver', () => {
  it('that was stopped by hand comes back, exactly once, and the output is exact', async () => {
    const reference = await inWorld({}, async (world) => {
      await world.ended(await started(world));
      return world.output(counting(80).sink).length;
    });
    await inWorld({}, async (world) => {
      const jobId = await started(world);
      await world.atCheckpoint(jobId, 2);
      expect(world.cloud.workflows.abort(executionName(jobId, 1))).toBe(true);
      const ended = await world.ended(jobId);
      expect(ended).toMatchObject({ status: 'FINISHED', generation: 2 });
      expect(starts(world, jobId)).toHaveLength(2);
      expect(world.output(counting(80).sink)).toHaveLength(reference);
    });
  });

  it('that gets nowhere however often it comes back is given up, and the job is FAILED with the cause', async () => {
    await inWorld({}, async (world) => {
      const jobId = await started(world);
      await world.atCheckpoint(jobId, 2);
      const stop = async (): Promise<void> => {
        for (;;) {
          world.cloud.workflows.abort(executionName(jobId, world.record(jobId)!.generation));
          await world.cloud.clock.sleep(20);
          if (world.record(jobId)!.status === 'FAILED') return;
        }
      };
      await Promise.race([stop(), world.ended(jobId)]);
      const ended = await world.ended(jobId);
      expect(ended.status).toBe('FAILED');
      expect(ended.cause!.code).toBe('NO_PROGRESS');
      expect(ended.fruitlessGenerations).toBe(limits.fruitlessGenerationsMax + 1);
    });
  });
});

describe('the sweep', () => {
  it('reads nothing of jobs that are over', async () => {
    await inWorld({}, async (world) => {
      const over = await started(world, 8);
      await world.ended(over);
      const jobs = new JobService(world.cloud.for(), { stateRoot });
      await jobs.supervise();
      const before = world.cloud.calls.count;
      expect(await jobs.supervise()).toEqual([]);
      expect(world.cloud.calls.count - before).toBeLessThan(8);
      expect(world.cloud.records.peek(recordKeys.liveJob(over))).toBeUndefined();
    });
  });

  it('finds jobs of before there was an index of those that live', async () => {
    await inWorld({}, async (world) => {
      const jobId = await started(world);
      await world.atCheckpoint(jobId, 1);
      const { records } = world.cloud.for();
      await records.delete(recordKeys.liveJob(jobId));
      await records.delete(recordKeys.liveIndexed);
      const jobs = new JobService(world.cloud.for(), { stateRoot });
      expect((await jobs.supervise()).map((each) => each.jobId)).toEqual([jobId]);
    });
  });
});
