import { limits } from '../base/limits.ts';
import type { BatchBound } from './command.ts';

/**
 * The bound for the next epoch's input, so that it takes about one checkpoint interval at the pace just measured. Only
 * an epoch that met its bound says anything about pace; steps are at most fourfold up and twofold down, so that one odd
 * epoch does not decide.
 */
export function nextBatch(
  batch: BatchBound,
  measured: { readonly durationMs: number; readonly intervalMs: number; readonly backlog: boolean },
): BatchBound {
  const tooLong = measured.durationMs > 1.5 * measured.intervalMs;
  if (!measured.backlog && !tooLong) return batch;
  const factor = Math.min(4, Math.max(0.5, measured.intervalMs / Math.max(1, measured.durationMs)));
  return {
    records: clamp(Math.round(batch.records * factor), limits.batchRecordsMin, limits.batchRecordsMax),
    bytes: clamp(Math.round(batch.bytes * factor), limits.batchBytesMin, limits.batchBytesMax),
  };
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
