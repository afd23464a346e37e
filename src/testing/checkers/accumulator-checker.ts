import { fromUtf8 } from '../../base/bytes.ts';
import type { JobAccumulators } from '../../protocol/job-accumulators.ts';
import type { JobRecord } from '../../protocol/job-record.ts';
import { recordKeys } from '../../protocol/names.ts';
import type { NamedAccumulator } from '../../values/accumulator.ts';
import type { SimulatedRecords } from '../simulated-record-store.ts';
import type { Violations } from './violations.ts';

/** What a job's accumulators have come to at its latest checkpoint, as anybody would read it. */
export function storedAccumulators(records: SimulatedRecords, jobId: string): JobAccumulators | undefined {
  const record = records.peek(recordKeys.job(jobId))?.fields as unknown as JobRecord | undefined;
  if (record?.accumulators === undefined) return undefined;
  const stored = records.peek(recordKeys.accumulators({ jobId, ...record.accumulators }))?.fields['json'] as Uint8Array | undefined;
  if (stored === undefined) throw new TypeError('the accumulators that the job record names are gone');
  return JSON.parse(fromUtf8(stored)) as JobAccumulators;
}

/** Invariant 3 for accumulators: sums of fractions are compared up to rounding. */
export function compareAccumulators(
  violations: Violations,
  found: readonly NamedAccumulator[],
  wanted: readonly NamedAccumulator[],
  where: string,
): void {
  violations.expect(
    shown(found) === shown(wanted),
    3,
    () => `the accumulators of ${where} are ${shown(found)} instead of ${shown(wanted)}`,
  );
}

const shown = (accumulators: readonly NamedAccumulator[]): string =>
  JSON.stringify(accumulators, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(10)) : value,
  );
