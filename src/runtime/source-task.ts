import { assert } from '../base/assert.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import type { BatchBound } from '../protocol/command.ts';
import { accumulateInto } from '../stream/accumulators.ts';
import { maxWatermark, type WatermarkStrategy } from '../stream/functions.ts';
import type { Source, SplitBatch, SplitReader } from '../stream/source.ts';
import type { Portable } from '../values/portable.ts';
import type { Chain } from './chain.ts';
import type { Deadline } from './deadline.ts';
import { earnAllowance, nextAllowedAt, type PaceInput } from './source-pace.ts';
import type { ActiveSplit, SourceSplits } from './source-splits.ts';
import { atPosition } from './user-fault.ts';

/** One read asks for no more, so that the deadline is looked at between reads. */
const readRecordsMax = 16_384;
const readBytesMax = 4 * 1024 * 1024;

export interface SourceEpoch {
  /** What all subtasks may read together. */
  readonly batch: BatchBound;
  readonly pace: Omit<PaceInput, 'recordsPerSecond'>;
  readonly deadline: Deadline;
}

export interface SourceOutcome {
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly skipped: number;
  readonly backlog: boolean;
  readonly nextDueAt: number | undefined;
}

/** Reads one epoch's input of a source subtask, split by split, and gives it to the chain. */
export class SourceTask {
  readonly #chain: Chain;
  readonly #source: Source<unknown>;
  readonly #reader: SplitReader<unknown, Portable, Portable>;
  readonly #strategy: WatermarkStrategy<unknown> | undefined;
  readonly #splits: SourceSplits;
  readonly #epoch: SourceEpoch;
  #recordsIn = 0;
  #bytesIn = 0;
  #skipped = 0;
  #recordsLeft = 0;
  #bytesLeft = 0;

  constructor(
    chain: Chain,
    body: { readonly source: Source<unknown>; readonly watermarks: WatermarkStrategy<unknown> | undefined },
    reader: SplitReader<unknown, Portable, Portable>,
    splits: SourceSplits,
    epoch: SourceEpoch,
  ) {
    this.#chain = chain;
    this.#source = body.source;
    this.#reader = reader;
    this.#strategy = body.watermarks;
    this.#splits = splits;
    this.#epoch = epoch;
  }

  async run(): Promise<SourceOutcome> {
    const { batch, pace } = this.#epoch;
    const splits = this.#splits;
    const rate = this.#source.recordsPerSecond;
    const bound = Math.max(1, Math.floor(batch.records * splits.share));
    const allowed = rate === undefined ? Number.POSITIVE_INFINITY : earnAllowance(splits, { ...pace, recordsPerSecond: rate });
    this.#recordsLeft = Math.min(bound, allowed);
    this.#bytesLeft = Math.max(1, Math.floor(batch.bytes * splits.share));
    const open = await this.#readSplits();
    if (rate !== undefined) splits.allowance -= this.#recordsIn;
    this.#raise();
    const paced = rate !== undefined && splits.active.length > 0 && allowed - this.#recordsIn < 1;
    return {
      recordsIn: this.#recordsIn,
      bytesIn: this.#bytesIn,
      skipped: this.#skipped,
      backlog: open && !paced,
      nextDueAt: paced ? nextAllowedAt(splits, { ...pace, recordsPerSecond: rate }) : undefined,
    };
  }

  /** Whether there is more to read at once. */
  async #readSplits(): Promise<boolean> {
    const reads = new Map(this.#splits.active.map((split) => [split, 0]));
    const share = Math.max(1, reads.size);
    const inOneGo = this.#source.boundedness === 'bounded' && this.#strategy === undefined;
    const records = inOneGo ? this.#recordsLeft : Math.ceil(this.#recordsLeft / share);
    const bytes = inOneGo ? this.#bytesLeft : Math.ceil(this.#bytesLeft / share);
    while (reads.size > 0 && this.#recordsLeft > 0 && this.#bytesLeft > 0) {
      const split = this.#next(reads);
      const batch = await this.#read(
        split,
        Math.min(records, this.#recordsLeft, readRecordsMax),
        Math.min(bytes, this.#bytesLeft, readBytesMax),
      );
      this.#emit(split, batch);
      reads.set(split, reads.get(split)! + 1);
      const stuck = batch.records.length === 0 && batch.bytes === 0 && batch.skipped === 0;
      if (batch.endOfSplit || !batch.backlog || stuck) reads.delete(split);
    }
    return reads.size > 0;
  }

  /** The split whose watermark is lowest; without watermarks each in its turn, or in a bounded source by id. */
  #next(reads: ReadonlyMap<ActiveSplit, number>): ActiveSplit {
    const inTurn = this.#source.boundedness === 'continuous';
    let next: ActiveSplit | undefined;
    for (const [split, count] of reads) {
      if (
        next === undefined ||
        split.watermark < next.watermark ||
        (inTurn && split.watermark === next.watermark && count < reads.get(next)!)
      )
        next = split;
    }
    assert(next !== undefined, 'a split is left to read');
    return next;
  }

  async #read(split: ActiveSplit, records: number, bytes: number): Promise<SplitBatch<unknown, Portable>> {
    const { deadline } = this.#epoch;
    deadline.check();
    try {
      const batch = await this.#reader.read(split.split, split.position, {
        records,
        bytes,
        ...(deadline.signal === undefined ? {} : { signal: deadline.signal }),
      });
      assert(batch.records.length <= records, `source "${this.#source.name}" gives at most as many records as it is asked for`);
      return batch;
    } catch (cause) {
      if (WeirError.is(cause)) throw cause.about({ ...this.#chain.label });
      throw new WeirError({
        code: 'SOURCE_FAILED',
        domain: 'external',
        message: `Source "${this.#chain.label.operator}" could not read split "${split.splitId}": ${messageOf(cause)}`,
        subject: { ...this.#chain.label },
        cause,
      });
    }
  }

  #emit(split: ActiveSplit, batch: SplitBatch<unknown, Portable>): void {
    const { first, output, faults, inputs } = this.#chain;
    const { records } = batch;
    const others = this.#splits.lowestWatermark(split);
    let at = 0;
    // Others' functions may have run while this read.
    accumulateInto(this.#chain.accumulators);
    try {
      for (; at < records.length; at++) {
        const record = inputs.of(records[at]);
        const timestamp = this.#strategy === undefined ? Number.NaN : this.#timestampOf(record);
        first.receive(record, timestamp);
        if (this.#strategy === undefined) continue;
        const watermark = timestamp - (this.#strategy.maxOutOfOrdernessMs ?? 0) - 1;
        if (watermark > split.watermark) split.watermark = watermark;
        const combined = Math.min(split.watermark, others);
        if (combined > output.watermark) output.watermark = combined;
      }
      faults.check();
    } catch (thrown) {
      throw atPosition(thrown, batch.describe(Math.min(at, records.length - 1)));
    }
    this.#account(split, batch);
  }

  #account(split: ActiveSplit, batch: SplitBatch<unknown, Portable>): void {
    split.position = batch.position;
    if (batch.endOfSplit) this.#splits.active = this.#splits.active.filter((each) => each !== split);
    this.#recordsIn += batch.records.length;
    this.#bytesIn += batch.bytes;
    this.#skipped += batch.skipped;
    this.#recordsLeft -= batch.records.length + batch.skipped;
    this.#bytesLeft -= batch.bytes;
    this.#raise();
  }

  /** The subtask's watermark is that of the split that is furthest behind, or the end of time when all is read. */
  #raise(): void {
    const splits = this.#splits;
    const { output } = this.#chain;
    const combined = splits.ended ? maxWatermark : splits.lowestWatermark();
    if (combined !== Number.POSITIVE_INFINITY && combined > output.watermark) output.watermark = combined;
    splits.watermark = output.watermark;
  }

  #timestampOf(record: unknown): number {
    let timestamp: unknown;
    try {
      timestamp = this.#strategy!.timestamp(record);
      if (Number.isFinite(timestamp)) return timestamp as number;
      throw new WeirError({
        code: 'TIMESTAMP_INVALID',
        domain: 'program',
        message: `The watermark strategy of source "${this.#source.name}" should give milliseconds, a finite number, but gave ${String(timestamp)}.`,
        advice: 'Let its timestamp function return a number for every record, or leave such records out at the source.',
      });
    } catch (thrown) {
      throw this.#chain.faults.of(this.#chain.label, thrown);
    }
  }
}
