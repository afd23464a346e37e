// Catches: a schedule that takes two savepoints for one firing, none at all without a word, or disposes of the last good one.
import { describe, expect, it } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import { disposable, type TakenSavepoint } from '../../src/deployment/savepoint-retention.ts';
import { ScheduledSavepoints } from '../../src/deployment/scheduled-savepoints.ts';
import type { ScheduledSavepoint } from '../../src/protocol/scheduled-savepoint.ts';
import type { FaultPlan, PortCall } from '../../src/testing/faults.ts';
import { faultKindsOf, faultsAt } from '../../src/testing/index.ts';
import { savepointDirectory } from '../../src/testing/simulated-deployment.ts';
import { Environment } from '../../src/testing/simulated-functions.ts';
import { inWorld } from '../simulation/support/world.ts';
import { counting } from './counting-job.ts';
import { DeployedWorld, deployment, type Version } from './deployed-world.ts';

const first: Version = { name: 'first', definition: counting(400).definition, target: { parallelism: 2 } };

class Scheduled {
  readonly deployed: DeployedWorld;
  #fired = 0;

  constructor(deployed: DeployedWorld) {
    this.deployed = deployed;
  }

  /** As EventBridge Scheduler does: again after an error, in whatever environment. */
  async fire(at: number, retention: { readonly keep?: number; readonly maxAgeMs?: number } = {}): Promise<ScheduledSavepoint> {
    for (let tries = 0; ; tries++) {
      const environment = new Environment(`fire-${this.#fired++}`);
      const lost = new Promise<'again'>((resolve) => {
        environment.onLost = () => resolve('again');
      });
      const scheduled = new ScheduledSavepoints(this.deployed.world.cloud.for(environment), { savepointDirectory });
      const fired = scheduled.fire(deployment, at, retention).catch((error: unknown) => {
        if (tries > 20 || !WeirError.is(error) || error.domain === 'internal') throw error;
        return 'again' as const;
      });
      const outcome = await Promise.race([lost, fired]);
      if (outcome !== 'again') return outcome;
      await this.deployed.world.cloud.clock.sleep(2_000);
    }
  }

  get live(): readonly string[] {
    const { records } = this.deployed.world.cloud;
    return records
      .contents()
      .filter(({ key, fields }) => key.partition.startsWith('snapshot/') && fields['state'] === 'live')
      .map(({ fields }) => String(fields['path']));
  }
}

const live = (run: (scheduled: Scheduled) => Promise<void>, faults?: FaultPlan): Promise<void> =>
  inWorld(faults === undefined ? {} : { faults }, async (world) => {
    const deployed = new DeployedWorld(world);
    await deployed.deploy(first);
    await world.atCheckpoint(deployed.job.jobId, 1);
    await run(new Scheduled(deployed));
  });

describe('a scheduled savepoint', () => {
  it('is one however often, and however much at once, its firing is delivered', async () => {
    await live(async (scheduled) => {
      const fired = await Promise.all([scheduled.fire(60_000), scheduled.fire(60_000), scheduled.fire(60_000)]);
      expect(new Set(fired.map(({ path }) => path)).size).toBe(1);
      expect(fired[0]).toMatchObject({ state: 'taken', jobId: scheduled.deployed.job.jobId });
      expect(await scheduled.fire(60_000)).toEqual(fired[0]);
      expect(scheduled.live).toEqual([fired[0]!.path]);
    });
  });

  it('is skipped, and says so, when no job runs, while an upgrade moves it, and when it comes after a later one', async () => {
    await live(async (scheduled) => {
      const { deployed } = scheduled;
      expect(await scheduled.fire(120_000)).toMatchObject({ state: 'taken' });
      expect(await scheduled.fire(60_000)).toMatchObject({ state: 'skipped', words: expect.stringContaining('came late') });
      await deployed.begin({ ...first, name: 'second' }, { id: 'upgrade' });
      expect(await scheduled.fire(180_000)).toMatchObject({ state: 'skipped', words: 'Skipped: its update upgrade is in flight.' });
      await deployed.outcome('upgrade');
      const { jobId } = deployed.job;
      await deployed.world.cancel(jobId);
      await deployed.world.ended(jobId);
      expect(await scheduled.fire(240_000)).toMatchObject({ state: 'skipped', words: `Skipped: no job runs: job ${jobId} is CANCELED.` });
      // What was skipped stays so, even if it is delivered once more when a job runs.
      expect(await scheduled.fire(180_000)).toMatchObject({ state: 'skipped' });
    });
  });

  it('is skipped while another savepoint is in flight', async () => {
    await live(async (scheduled) => {
      const { deployed } = scheduled;
      const { jobId } = deployed.job;
      const asked = deployed.world.ask({ jobId, kind: 'savepoint' });
      await deployed.world.when(jobId, ({ requests }) => requests.length > 0);
      expect(await scheduled.fire(60_000)).toMatchObject({ state: 'skipped', words: expect.stringContaining('in flight already') });
      await asked;
    });
  });

  it('goes when enough younger ones are there', async () => {
    await live(async (scheduled) => {
      const paths: (string | undefined)[] = [];
      for (const at of [1, 2, 3, 4]) paths.push((await scheduled.fire(at * 60_000, { keep: 2 })).path);
      expect(scheduled.live.toSorted()).toEqual(paths.slice(2).map(String).toSorted());
    });
  });

  it('is one, and is there, whichever port call of its firing has a fault', async () => {
    const calls: PortCall[] = [];
    let from = 0;
    let until = 0;
    const run = async (scheduled: Scheduled): Promise<void> => {
      const { calls: made } = scheduled.deployed.world.cloud;
      from = made.count;
      const fired = await scheduled.fire(60_000);
      until = made.count;
      // What is late may come when the job has read all its input.
      if (fired.state !== 'taken') expect(fired.words).toContain('FINISHED');
      expect(scheduled.live).toEqual(fired.state === 'taken' ? [fired.path] : []);
    };
    await live(run, (call) => void calls.push(call));
    const struck = calls.slice(from, until).filter((call) => call.from.startsWith('fire-'));
    const sampled = struck.filter((_, index) => index % 4 === 0);
    expect(struck.length).toBeGreaterThan(10);
    for (const call of sampled) for (const kind of faultKindsOf(call)) await live(run, faultsAt({ [call.index]: kind }));
  }, 300_000);
});

describe('retention', () => {
  const taken = (scheduledAt: number, is: 'live' | 'deleting' | 'gone' = 'live'): TakenSavepoint => ({
    entry: { deployment, scheduledAt, firedAt: scheduledAt, state: 'taken', words: '', path: `s3://b/${scheduledAt}`, retention: {} },
    snapshot: is === 'gone' ? undefined : is,
  });
  const times = (entries: readonly ScheduledSavepoint[]) => entries.map(({ scheduledAt }) => scheduledAt);

  it('never takes the last good one, however old it is', () => {
    expect(times(disposable([taken(1), taken(2)], { maxAgeMs: 10 }, 1_000))).toEqual([1]);
    expect(times(disposable([taken(1), taken(2, 'gone')], { maxAgeMs: 10, keep: 1 }, 1_000))).toEqual([]);
  });

  it('counts those that are there, and finishes what was begun', () => {
    expect(times(disposable([taken(1), taken(2), taken(3, 'gone'), taken(4)], { keep: 2 }, 5))).toEqual([1]);
    expect(times(disposable([taken(1, 'deleting'), taken(2)], {}, 5))).toEqual([1]);
  });

  it('without bounds keeps all', () => {
    expect(disposable([taken(1), taken(2), taken(3)], {}, 1e12)).toEqual([]);
  });
});
