import { limits } from '../base/limits.ts';
import type { BatchBound } from './command.ts';
import type { CheckpointStatistics } from './job-record.ts';

/** What an epoch read, and what it took for it. */
type MeasuredEpoch = Pick<CheckpointStatistics, 'recordsIn' | 'durationMs'>;

/**
 * The bound for the next epoch's input, so that it takes about one checkpoint interval at the pace just measured. Only
 * an epoch that met its bound says anything about pace; steps are at most fourfold up and twofold down, so that one odd
 * epoch does not decide. `before`: the epoch before this one.
 */
export function nextBatch(
  batch: BatchBound,
  measured: {
    readonly epoch: MeasuredEpoch;
    readonly before: MeasuredEpoch | undefined;
    readonly intervalMs: number;
    readonly backlog: boolean;
  },
): BatchBound {
  const { epoch, before, intervalMs, backlog } = measured;
  const tooLong = epoch.durationMs > 1.5 * intervalMs;
  if (!backlog && !tooLong) return batch;
  const besideInput = before === undefined ? 0 : msBesideInput(epoch, before);
  const wanted = (intervalMs - besideInput) / Math.max(1, epoch.durationMs - besideInput);
  const factor = Math.min(4, Math.max(0.5, wanted));
  return {
    records: clamp(Math.round(batch.records * factor), limits.batchRecordsMin, limits.batchRecordsMax),
    bytes: clamp(Math.round(batch.bytes * factor), limits.batchBytesMin, limits.batchBytesMax),
  };
}

/** So much larger than the one before, an epoch tells what it takes beside its input from what the input takes. */
const growthThatTells = 1.5;
/** Of an epoch; epochs differ by chance too, and more of the interval than it has must not be promised away. */
const besideInputShareMax = 0.5;

/**
 * What does not grow with the input: the steps of the workflow, the barrier, code that runs for the first time. While epochs
 * are small that is most of what they take, and a bound that followed the whole of it would grow slowly.
 */
function msBesideInput(epoch: MeasuredEpoch, before: MeasuredEpoch): number {
  if (epoch.recordsIn < growthThatTells * before.recordsIn || before.recordsIn === 0) return 0;
  const msPerRecord = Math.max(0, epoch.durationMs - before.durationMs) / (epoch.recordsIn - before.recordsIn);
  const beside = epoch.durationMs - msPerRecord * epoch.recordsIn;
  return Math.min(Math.max(0, beside), besideInputShareMax * epoch.durationMs);
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
