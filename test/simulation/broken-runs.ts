import { messageOf } from '../../src/base/errors.ts';
import type { FaultPlan } from '../../src/testing/index.ts';
import { simulateJob } from '../../src/testing/index.ts';
import type { SimulatedJob } from './jobs.ts';

export interface FaultyRun {
  /** Says how to run it again. */
  readonly name: string;
  readonly faults: FaultPlan;
  readonly seed?: number;
}

const reportedMax = 8;

/** Runs a job under each of these plans; gives what went wrong, by run. Nothing: output and state were exact in all. */
export async function brokenRuns(job: SimulatedJob, parallelism: number, runs: Iterable<FaultyRun>): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { name, faults, seed = 1 } of runs) {
    try {
      const result = await simulateJob(job.definition, { parallelism, seed, faults, compareWithReference: true });
      if (result.status !== 'FINISHED') broken.push(`${name}: the job ended ${result.status}: ${JSON.stringify(result.cause)}`);
    } catch (error) {
      broken.push(`${name}: ${messageOf(error)}`);
    }
    if (broken.length >= reportedMax) break;
  }
  return broken;
}
