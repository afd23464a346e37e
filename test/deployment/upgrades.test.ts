// Catches: an upgrade that loses or doubles output, leaves two jobs or none running, touches a job that the plan refused, or
// takes away what a job still runs on.
import { describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../src/testing/faults.ts';
import { delaysByAirport, type SimulatedJob } from '../simulation/jobs.ts';
import { inWorld } from '../simulation/support/world.ts';
import { counting } from './counting-job.ts';
import { DeployedWorld, deployment, type Version } from './deployed-world.ts';

const count = 120;
const job = counting(count);
const first: Version = { name: 'first', definition: job.definition, target: { parallelism: 2 } };
const second: Version = { ...first, name: 'second' };

const live = <T>(run: (deployed: DeployedWorld) => Promise<T>, faults?: FaultPlan): Promise<T> =>
  inWorld(faults === undefined ? {} : { faults }, (world) => run(new DeployedWorld(world)));

let straight: Promise<readonly string[]> | undefined;
const reference = (): Promise<readonly string[]> => {
  straight ??= live(async (deployed) => {
    await deployed.deploy(first);
    await deployed.world.ended(deployed.record!.job!);
    return outputOf(deployed, job);
  });
  return straight;
};

const outputOf = ({ world }: DeployedWorld, { sink }: SimulatedJob): readonly string[] =>
  world
    .output(sink)
    .map((each) => JSON.stringify(each))
    .toSorted();

/** What both programs together have made visible is what one alone would. */
async function expectExact(deployed: DeployedWorld): Promise<void> {
  await deployed.world.ended(deployed.record!.job!);
  expect(deployed.job.status).toBe('FINISHED');
  expect(outputOf(deployed, job)).toEqual(await reference());
}

describe('an upgrade', () => {
  it('moves the job to the new program, with exact output', async () => {
    await reference();
    await live(async (deployed) => {
      const created = await deployed.deploy(first);
      expect(created).toMatchObject({ outcome: 'succeeded', jobId: deployed.job.jobId });
      const before = deployed.job.jobId;
      await deployed.world.atCheckpoint(before, 3);
      const updated = await deployed.deploy(second);
      expect(updated.outcome).toBe('succeeded');
      expect(updated.words).toMatch(/^Job [0-9a-f]{32} runs the program in the place of job [0-9a-f]{32}: it began from s3:/);
      expect(deployed.job.jobId).not.toBe(before);
      expect(deployed.world.record(before)!.status).toBe('FINISHED');
      expect(deployed.description.program.slotFunctions).toEqual([`${deployment}-slot-0:2`, `${deployment}-slot-1:2`]);
      expect(deployed.publishers.published.filter((arn) => arn.endsWith(':1'))).toEqual([]);
      await expectExact(deployed);
    });
  });

  it('does nothing when program and arguments run already', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      const again = await deployed.deploy(first);
      expect(again).toMatchObject({ outcome: 'succeeded', jobId: before });
      expect(again.words).toMatch(/runs this program with these arguments already; nothing was touched\.$/);
      expect(deployed.job).toMatchObject({ jobId: before, status: 'RUNNING' });
      expect(deployed.publishers.published).toHaveLength(6);
    });
  });

  it('that the plan refuses fails with the plan as the reason, and the job goes on untouched', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      await deployed.world.atCheckpoint(before, 2);
      const refused = await deployed.deploy({ ...second, definition: delaysByAirport(10, {}).definition });
      expect(refused.outcome).toBe('failed');
      expect(refused.words).toMatch(/^The snapshot has state of operator "words".*The job that runs was not touched\.$/s);
      expect(deployed.job).toMatchObject({ jobId: before, status: 'RUNNING', requests: [] });
      expect(deployed.record!.program).toBe(deployed.description.program.programId);
      await expectExact(deployed);
      expect(deployed.publishers.published.filter((arn) => arn.endsWith(':2'))).toEqual([]);
    });
  });

  it('that the plan refuses while the stack goes back succeeds, and says that the job stays', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      await deployed.world.atCheckpoint(before, 2);
      const refused = await deployed.deploy({ ...second, definition: delaysByAirport(10, {}).definition }, { goingBack: true });
      expect(refused.outcome).toBe('succeeded');
      expect(refused.words).toMatch(/^The job stays on the program that it runs: going back was not possible\. /);
      expect(deployed.job).toMatchObject({ jobId: before, status: 'RUNNING' });
      expect(deployed.record!.program).toBe(deployed.description.program.programId);
    });
  });

  it('to a program that can’t make a checkpoint brings the old one back from the same savepoint, with exact output', async () => {
    await reference();
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      await deployed.world.atCheckpoint(before, 2);
      const failed = await deployed.deploy({ ...second, definition: counting(count, { failsFrom: 0 }).definition });
      expect(failed.outcome).toBe('failed');
      expect(failed.words).toMatch(
        /^The new job did not complete a checkpoint\. Job [0-9a-f]{32} FAILED: .*no good from 0 on.* Job [0-9a-f]{32} runs the program of before again, from s3:/,
      );
      expect(failed.words).toContain(failed.savepoint);
      expect(deployed.description.restored!.path).toBe(failed.savepoint);
      expect(deployed.description.program.slotFunctions[0]).toBe(`${deployment}-slot-0:1`);
      await expectExact(deployed);
    });
  });

  it('goes back by a savepoint of the new job, once that has completed a checkpoint', async () => {
    await reference();
    await live(async (deployed) => {
      await deployed.deploy(first);
      await deployed.world.atCheckpoint(deployed.job.jobId, 2);
      expect((await deployed.deploy(second)).outcome).toBe('succeeded');
      const back = await deployed.deploy(first, { goingBack: true });
      expect(back.outcome).toBe('succeeded');
      // Versions of the first were taken away: they are published again.
      expect(deployed.description.program.slotFunctions[0]).toBe(`${deployment}-slot-0:3`);
      await expectExact(deployed);
    });
  });

  it('leaves a job alone that was canceled by hand', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const { jobId } = deployed.job;
      await deployed.world.atCheckpoint(jobId, 2);
      await deployed.world.cancel(jobId);
      await deployed.world.ended(jobId);
      const left = await deployed.deploy(second);
      expect(left.outcome).toBe('succeeded');
      expect(left.words).toContain(`Job ${jobId} is CANCELED, which a deployment leaves as it is`);
      expect(deployed.alive).toEqual([]);
    });
  });

  it('begins a job that FAILED again, from its latest checkpoint', async () => {
    await reference();
    const fails = { ...counting(count, { failsFrom: 40 }).definition, restartStrategy: { kind: 'none' } } as const;
    await live(async (deployed) => {
      await deployed.deploy({ ...first, definition: fails });
      const { jobId } = deployed.job;
      expect(await deployed.world.ended(jobId)).toMatchObject({ status: 'FAILED' });
      expect((await deployed.deploy(second)).outcome).toBe('succeeded');
      expect(deployed.description.restored!.path).toMatch(new RegExp(`${jobId}/chk-`));
      await expectExact(deployed);
    });
  });

  it.each(['last-state', 'stateless'] as const)('in mode %s cancels the job, and the new one begins as the mode says', async (mode) => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      await deployed.world.atCheckpoint(before, 2);
      const moved = await deployed.deploy({ ...second, target: { ...first.target!, mode } });
      expect(moved.outcome).toBe('succeeded');
      expect(deployed.world.record(before)!.status).toBe('CANCELED');
      if (mode === 'last-state') expect(deployed.description.restored!.path).toMatch(new RegExp(`${before}/chk-`));
      else expect(deployed.description.restored).toBeUndefined();
      if (mode === 'last-state') await expectExact(deployed);
    });
  });

  it('in mode manual publishes, and touches no job', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const before = deployed.job.jobId;
      const published = await deployed.deploy({ ...second, target: { ...first.target!, mode: 'manual' } });
      expect(published).toMatchObject({ outcome: 'succeeded' });
      expect(deployed.job).toMatchObject({ jobId: before, status: 'RUNNING' });
      expect(deployed.publishers.published.filter((arn) => arn.endsWith(':1'))).toHaveLength(3);
      expect(deployed.publishers.published.filter((arn) => arn.endsWith(':2'))).toHaveLength(3);
    });
  });
});

describe('a deletion', () => {
  it('stops the job with a savepoint that stays, and takes away versions, workflows and functions', async () => {
    await reference();
    await live(async (deployed) => {
      await deployed.deploy(first);
      const { jobId } = deployed.job;
      await deployed.world.atCheckpoint(jobId, 2);
      const deleted = await deployed.delete();
      expect(deleted.outcome).toBe('succeeded');
      expect(deployed.world.record(jobId)!.status).toBe('FINISHED');
      expect(deployed.world.snapshot(deleted.savepoint!)).toMatchObject({ state: 'live' });
      expect([deployed.publishers.published, deployed.publishers.functions]).toEqual([[], []]);
      const again = await deployed.deploy(
        { ...second, target: { ...first.target!, initialSavepointPath: deleted.savepoint! } },
        { kind: 'create' },
      );
      expect(again.outcome).toBe('succeeded');
      await expectExact(deployed);
    });
  });

  it('of a job that can take no savepoint cancels it after ten minutes, and its latest checkpoint is retained', async () => {
    await live(async (deployed) => {
      await deployed.deploy(first);
      const { jobId } = deployed.job;
      await deployed.world.atCheckpoint(jobId, 2);
      deployed.world.cloud.functions.remove(`${deployment}-slot-0:1`);
      await deployed.world.when(jobId, ({ status }) => status === 'RESTARTING');
      const deleted = await deployed.delete();
      expect(deleted.outcome).toBe('succeeded');
      expect(deleted.savepoint).toMatch(/chk-\d+$/);
      expect(deployed.alive).toEqual([]);
      expect(deployed.world.snapshot(deleted.savepoint!)).toMatchObject({ state: 'live' });
    });
  });
});

describe('a newer request', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'fences off the one before, %i steps in, and takes over what it had begun',
    async (steps) => {
      await reference();
      await live(async (deployed) => {
        await deployed.deploy(first);
        await deployed.world.atCheckpoint(deployed.job.jobId, 2);
        await deployed.begin(second, { id: 'older' });
        await deployed.world.cloud.clock.sleep(steps * 400);
        const older = deployed.step('older');
        await deployed.world.cloud.clock.sleep(steps * 130);
        const newer = await deployed.deploy(first, { id: 'newer', goingBack: true });
        expect(newer.outcome).toBe('succeeded');
        await older;
        expect((await deployed.step('older')).kind).toBe(
          deployed.record!.past.includes('older') && deployed.record!.last!.id !== 'older' ? 'superseded' : 'done',
        );
        await expectExact(deployed);
      });
    },
  );
});
