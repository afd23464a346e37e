import { JobService } from '../../src/job/job-service.ts';
import { RequestService } from '../../src/job/request-service.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { JobRequest, SnapshotFormat } from '../../src/protocol/request.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { deploySimulated, savepointDirectory, stateRoot } from '../../src/testing/simulated-deployment.ts';
import { CountedCalls, type Requests } from './counted-calls.ts';
import job from './keys-job.ts';

export interface CountedSavepoints {
  readonly keys: number;
  readonly stateBytes: number;
  /** One checkpoint of the idle job: what each of the others contains. */
  readonly checkpoint: Requests;
  readonly native: Requests;
  /** A full copy of the state beside it. */
  readonly canonical: Requests;
}

const jobId = 'a'.repeat(32);

/** A job with so many keys, at parallelism 2, in a simulated cloud: what a savepoint asks of the services, to the request. */
export async function countSavepoints(keys: number): Promise<CountedSavepoints> {
  const calls = new CountedCalls();
  const cloud = new SimulatedCloud({ faults: calls.plan });
  calls.watch(cloud);
  try {
    const { programId } = deploySimulated(cloud, job as JobDefinition, 2);
    await new JobService(cloud.for(), { stateRoot }).submit({
      programId,
      jobId,
      args: { keys },
      parallelism: 2,
      checkpointIntervalMs: 1_000,
    });
    const record = () => cloud.records.peek(recordKeys.job(jobId))?.fields as unknown as JobRecord;
    while ((record().statistics?.stateEntries ?? 0) < keys) await cloud.clock.sleep(1_000);
    const counted = async (kind: JobRequest['kind'], format: SnapshotFormat = 'native') => {
      // In the middle between two looks of a source that finds nothing.
      await cloud.clock.sleep(150_000);
      calls.take();
      const requests = new RequestService(cloud.for(), { savepointDirectory });
      const { id } = await requests.trigger({ jobId, kind, format });
      const { state } = await requests.waitFor(jobId, id, 60_000);
      if (state.kind !== 'completed' || state.result.kind === 'failed') throw new Error(`No ${kind}: ${JSON.stringify(state)}`);
      return calls.take();
    };
    return {
      keys,
      checkpoint: await counted('checkpoint'),
      native: await counted('savepoint'),
      canonical: await counted('savepoint', 'canonical'),
      stateBytes: record().statistics!.stateBytes,
    };
  } finally {
    cloud.stop();
  }
}
