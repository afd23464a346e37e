import { messageOf } from '../../src/base/errors.ts';
import { type FaultPlan, type PortCall, type SimulationOptions, simulateJob } from '../../src/testing/index.ts';
import type { SimulatedJob } from './jobs.ts';

export type FaultyRun = SimulationOptions & {
  /** Says how to run it again. */
  readonly name: string;
};

const reportedMax = 8;

/** Runs a job in each of these ways; gives what went wrong, by run. Nothing: output and state were exact in all. */
export async function brokenRuns(job: SimulatedJob, runs: Iterable<FaultyRun>): Promise<readonly string[]> {
  const broken: string[] = [];
  // The interpreter of workflows makes errors by the thousand to leave loops; their stacks would take most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (const { name, ...options } of runs) {
    try {
      const result = await simulateJob(job.definition, { parallelism: 2, compareWithReference: true, ...options });
      if (result.status !== 'FINISHED') broken.push(`${name}: the job ended ${result.status}: ${JSON.stringify(result.cause)}`);
    } catch (error) {
      broken.push(`${name}: ${messageOf(error)}`);
    }
    if (broken.length >= reportedMax) break;
  }
  Error.stackTraceLimit = stackTraceLimit;
  return broken;
}

/** The port calls of a run, with the faults it has. */
export async function callsOf(job: SimulatedJob, options: SimulationOptions = {}): Promise<readonly PortCall[]> {
  const calls: PortCall[] = [];
  const faults: FaultPlan = (call) => {
    calls.push(call);
    return options.faults?.(call);
  };
  await simulateJob(job.definition, { parallelism: 2, ...options, faults });
  return calls;
}

export const describeCall = (call: PortCall): string => `call ${call.index}, ${call.operation} of ${call.target} from ${call.from}`;
