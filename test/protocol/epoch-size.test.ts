// Would catch: a bound that grows slowly because small epochs take mostly what does not depend on it, one that leaps past the
// interval, one that follows an epoch which did not meet its bound, and one that leaves its limits.
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import type { BatchBound } from '../../src/protocol/command.ts';
import { nextBatch } from '../../src/protocol/epoch-size.ts';

const intervalMs = 1_000;

/** Epochs of a source that never runs dry, on a machine that takes so long for an epoch and for a record. */
function run(epochs: number, msOf: (records: number, epoch: number) => number): readonly { records: number; durationMs: number }[] {
  let batch: BatchBound = { records: limits.batchRecordsInitial, bytes: limits.batchBytesMax };
  let before: { readonly recordsIn: number; readonly durationMs: number } | undefined;
  return Array.from({ length: epochs }, (_, index) => {
    const epoch = { recordsIn: batch.records, durationMs: msOf(batch.records, index) };
    batch = nextBatch(batch, { epoch, before, intervalMs, backlog: true });
    before = epoch;
    return { records: epoch.recordsIn, durationMs: epoch.durationMs };
  });
}

describe('the bound of the next epoch', () => {
  test('comes near the interval within five epochs, though each takes 400 ms beside its input', () => {
    const epochs = run(12, (records) => 400 + records / 3_000);
    expect(epochs.findIndex(({ durationMs }) => durationMs > 700)).toBeLessThan(5);
    for (const { durationMs } of epochs.slice(5)) expect(durationMs).toBeGreaterThan(800);
  });

  test('does not leap past the interval, whatever an epoch takes beside its input', () => {
    for (const besideMs of [0, 20, 100, 300, 600])
      for (const perMs of [20, 200, 2_000])
        for (const { durationMs } of run(15, (records) => besideMs + records / perMs).slice(1))
          expect(durationMs).toBeLessThan(1.5 * Math.max(intervalMs, besideMs));
  });

  test('stays near the interval when epochs differ by chance', () => {
    const chance = [1, 1.3, 0.8, 1.1, 0.7, 1.2, 0.9];
    const epochs = run(60, (records, epoch) => (50 + records / 1_000) * chance[epoch % chance.length]!);
    for (const { durationMs } of epochs.slice(8)) expect(durationMs).toBeLessThan(2 * intervalMs);
  });

  test('is what it was when the epoch had less to read than it might, unless even that took too long', () => {
    const batch = { records: 50_000, bytes: limits.batchBytesMax };
    const at = (durationMs: number) =>
      nextBatch(batch, { epoch: { recordsIn: 10, durationMs }, before: undefined, intervalMs, backlog: false });
    expect(at(5)).toEqual(batch);
    expect(at(1_400)).toEqual(batch);
    expect(at(10_000).records).toBe(25_000);
  });

  test('keeps to its limits', () => {
    const at = (batch: BatchBound, durationMs: number) =>
      nextBatch(batch, { epoch: { recordsIn: batch.records, durationMs }, before: undefined, intervalMs, backlog: true });
    expect(at({ records: limits.batchRecordsMax, bytes: limits.batchBytesMax }, 1)).toEqual({
      records: limits.batchRecordsMax,
      bytes: limits.batchBytesMax,
    });
    expect(at({ records: limits.batchRecordsMin, bytes: limits.batchBytesMin }, 60_000)).toEqual({
      records: limits.batchRecordsMin,
      bytes: limits.batchBytesMin,
    });
  });
});
