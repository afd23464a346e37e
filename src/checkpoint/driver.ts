import type { Cloud } from '../cloud/index.ts';
import { isAlive, type JobRecord } from '../protocol/job-record.ts';
import { executionName } from '../protocol/names.ts';
import { handOver } from '../protocol/transitions.ts';
import type { JobStore } from './job-store.ts';

export type DriverOutcome =
  /** A new generation was started. */
  | { readonly kind: 'started'; readonly generation: number }
  /** The driver is at work, or somebody else is just starting one. */
  | { readonly kind: 'driven' }
  /** Nothing is left to drive. */
  | { readonly kind: 'ended' };

/** Ends the sleep of a job's driver. `awake`: as far as the record says it does not sleep. */
export async function wakeDriver(cloud: Cloud, record: JobRecord): Promise<'sent' | 'gone' | 'awake'> {
  return record.wakeToken === undefined ? 'awake' : await cloud.workflows.sendTaskSuccess(record.wakeToken, {});
}

/** Hands the job over to the next generation and starts its execution. `lost`: the one before is known to be gone. */
export async function startDriver(
  cloud: Cloud,
  jobs: JobStore,
  jobId: string,
  from: { readonly generation: number; readonly lost: boolean },
): Promise<DriverOutcome> {
  const description = await jobs.description(jobId);
  const next = await jobs.update<{ readonly outcome: DriverOutcome; readonly delayMs: number }>(jobId, (record) => {
    if (!isAlive(record)) return { answer: { outcome: { kind: 'ended' }, delayMs: 0 } };
    if (record.generation !== from.generation) {
      // Our own write of before may stand here: then starting it is ours to do, and harmless if it is not.
      return {
        answer: {
          outcome: record.generation === from.generation + 1 ? { kind: 'started', generation: record.generation } : { kind: 'driven' },
          delayMs: 0,
        },
      };
    }
    const decided = handOver(record, { now: cloud.clock.now(), lost: from.lost });
    const { generation, fruitlessGenerations } = decided.record;
    const delayMs = fruitlessGenerations <= 1 ? 0 : Math.min(60_000, 500 * 2 ** fruitlessGenerations);
    return { answer: { outcome: { kind: 'started', generation }, delayMs }, put: decided.record };
  });
  if (next.outcome.kind === 'started') {
    const { generation } = next.outcome;
    const startAt = new Date(cloud.clock.now() + next.delayMs).toISOString();
    await cloud.workflows.start(description.program.jobWorkflow, executionName(jobId, generation), { jobId, generation, startAt });
  }
  return next.outcome;
}

/** Starts the next generation if the job needs a driver and has none. For the event rule, the sweep and restarts. */
export async function ensureDriver(cloud: Cloud, jobs: JobStore, jobId: string): Promise<DriverOutcome> {
  const record = await jobs.record(jobId);
  if (!isAlive(record)) return { kind: 'ended' };
  if (record.generation > 0) {
    const { program } = await jobs.description(jobId);
    const status = await cloud.workflows.status(program.jobWorkflow, executionName(jobId, record.generation));
    if (status === 'RUNNING') {
      // Whoever asked for something may have been lost before he could wake the driver.
      if (record.requests.length > 0 || record.effects !== undefined) await wakeDriver(cloud, record);
      return { kind: 'driven' };
    }
  }
  return startDriver(cloud, jobs, jobId, { generation: record.generation, lost: record.generation > 0 });
}
