import { valueState } from '../../src/index.ts';
import { JobService } from '../../src/job/job-service.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { defineJob, type JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { deploySimulated, stateRoot } from '../../src/testing/simulated-deployment.ts';
import { CountedCalls, type Requests } from '../savepoints/counted-calls.ts';

export interface EpochOptions {
  readonly parallelism: number;
  readonly slots: number;
  /** What each subtask of the source reads in an epoch. */
  readonly recordsPerSubtask: number;
  /** Of each record, beside its key; they do not compress. */
  readonly paddingBytes: number;
}

/** From this checkpoint on, so that the beginning is over, and so many after it. */
const from = 3;
const epochs = 2;
const jobId = 'b'.repeat(32);

/**
 * What an epoch of a job of two levels asks of the services, on average: a source, and behind a shuffle by key a count for
 * each key. Every subtask of the first sends to as many of the second as it has records.
 */
export async function countEpochs(options: EpochOptions): Promise<Requests> {
  const calls = new CountedCalls();
  const cloud = new SimulatedCloud({ faults: calls.plan });
  calls.watch(cloud);
  const ended = Promise.withResolvers<void>();
  let counted: Requests | undefined;
  let latest = 0;
  cloud.records.observe({
    onRecord({ key, after }) {
      if (key.partition !== recordKeys.job(jobId).partition || key.sort !== 'record' || after === undefined) return;
      const { checkpoint } = (after.fields as unknown as JobRecord).latest;
      if (checkpoint === latest) return;
      latest = checkpoint;
      if (checkpoint === from) calls.take();
      if (checkpoint !== from + epochs) return;
      counted = calls.take();
      ended.resolve();
    },
  });
  try {
    const { parallelism, slots } = options;
    const { programId } = deploySimulated(cloud, jobOf(options), slots);
    await new JobService(cloud.for(), { stateRoot }).submit({ programId, jobId, args: {}, parallelism, checkpointIntervalMs: 10_000 });
    await ended.promise;
    return Object.fromEntries(Object.entries(counted!).map(([name, count]) => [name, count / epochs])) as unknown as Requests;
  } finally {
    cloud.stop();
  }
}

function jobOf({ parallelism, recordsPerSubtask, paddingBytes }: EpochOptions): JobDefinition {
  const perEpoch = parallelism * recordsPerSubtask;
  const records = Array.from({ length: perEpoch * (from + epochs + 2) }, (_, index) => ({ key: index % (4 * perEpoch) }));
  return defineJob({
    name: 'counts',
    build(env) {
      env
        .fromSource(fromElements(records, { recordsPerSecond: perEpoch / 10 }))
        .uid('records')
        .map(({ key }) => ({ key, padding: padding(key, paddingBytes) }))
        .keyBy('key')
        .process({
          state: { count: valueState<number>() },
          onElement(_record, { state }) {
            state.count.update((state.count.value() ?? 0) + 1);
          },
        })
        .uid('counts')
        .sinkTo(collectSink('nothing'))
        .uid('sink');
    },
  }) as JobDefinition;
}

/** Different for every key, and of no pattern that a compressor finds. */
function padding(key: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = key + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
