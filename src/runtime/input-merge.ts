import type { RecordRun } from '../exchange/api.ts';
import { unknownKeyGroup } from '../exchange/run-buffer.ts';
import { maxWatermark } from '../stream/functions.ts';
import type { Key } from '../values/key.ts';
import type { Chain } from './chain.ts';
import type { Deadline } from './deadline.ts';
import type { Head } from './operators/receiver.ts';
import { atPosition } from './user-fault.ts';

/** What one upstream subtask sent over one edge in this epoch. Watermarks are -Infinity while there is none. */
export interface InputChannel {
  /** For error messages: `"Source: flights" subtask 2`. */
  readonly sender: string;
  readonly run: RecordRun | undefined;
  /** The input of the operator that the records are for. */
  readonly head: Head;
  /** Reads a record's key, where the record holds it. */
  readonly keyInRecord: ((value: unknown) => Key) | undefined;
  /** The sender's watermark when the epoch begins, and when it has met its barrier. */
  readonly watermark: number;
  readonly finalWatermark: number;
  /** After the epoch nothing of it is to be waited for. */
  readonly idle: boolean;
}

/** How many records are taken before the deadline is looked at again. */
const recordsPerCheck = 4096;

/**
 * Consumes the input of an epoch: always from the channel whose watermark is lowest (ties: the first of them), until its
 * watermark has risen above another's. So the combined watermark rises as early as it can, the order follows from the
 * input alone, and no channel runs ahead of what another still holds back.
 *
 * 1. The combined watermark is the lowest of all channels that are not idle; it never goes back.
 * 2. A channel that sent nothing has its final watermark from the start; one whose run is consumed, from then on.
 * 3. When all channels are idle, the combined watermark stays; it stays too when the others have ended, since an idle
 *    one may still send. A subtask that nobody sends to is at the end of time.
 */
export class InputMerge {
  recordsIn = 0;
  readonly #chain: Chain;
  readonly #deadline: Deadline;
  readonly #channels: readonly Cursor[];
  #untilCheck = recordsPerCheck;

  constructor(chain: Chain, channels: readonly InputChannel[], deadline: Deadline) {
    this.#chain = chain;
    this.#deadline = deadline;
    this.#channels = channels.map((channel, order) => new Cursor(channel, order));
  }

  consume(): void {
    this.#rise(this.#combined());
    for (let next = this.#lowest(undefined); next !== undefined; next = this.#lowest(undefined)) this.#consumeFrom(next);
  }

  #consumeFrom(cursor: Cursor): void {
    const other = this.#lowest(cursor);
    const held = Math.min(this.#heldBack(), other?.watermark ?? Number.POSITIVE_INFINITY);
    do {
      this.#consumeBlock(cursor);
      cursor.next();
      this.#rise(Math.min(held, cursor.watermark));
    } while (!cursor.exhausted && (other === undefined || cursor.before(other)));
    // Its last watermark counts; only then it holds nobody back any more.
    if (cursor.exhausted && cursor.idle) this.#rise(held);
  }

  #consumeBlock({ run, from, to, channel }: Cursor): void {
    const { head, keyInRecord } = channel;
    const { values, timestamps, keys, keyGroups } = run!;
    const { inputs } = this.#chain;
    let at = from;
    try {
      for (; at < to; at++) {
        const timestamp = timestamps === undefined ? Number.NaN : timestamps[at]!;
        const value = inputs.of(values.at(at));
        const key = keys === undefined ? keyInRecord?.(value) : keys[at];
        if (key === undefined) head.receive(value, timestamp);
        else head.receiveKeyed(value, timestamp, key, keyGroups === undefined ? unknownKeyGroup : keyGroups[at]!);
        if (--this.#untilCheck === 0) this.#check();
      }
      this.#chain.faults.check();
    } catch (thrown) {
      throw atPosition(thrown, `record ${Math.min(at, to - 1) + 1} from ${channel.sender}`);
    }
    this.recordsIn += to - from;
  }

  #check(): void {
    this.#untilCheck = recordsPerCheck;
    this.#deadline.check();
  }

  /** Timers fire under the watermark that held before, since what they emit may be needed by it downstream. */
  #rise(combined: number): void {
    const chain = this.#chain;
    if (combined === Number.POSITIVE_INFINITY || combined <= chain.watermark) return;
    if (combined === maxWatermark && this.#channels.some((cursor) => cursor.idle)) return;
    chain.watermark = combined;
    try {
      chain.first.advance(combined);
      chain.faults.check();
    } catch (thrown) {
      throw atPosition(thrown, undefined);
    }
    chain.output.watermark = combined;
  }

  /** The channel to consume from next, but `without`. */
  #lowest(without: Cursor | undefined): Cursor | undefined {
    let lowest: Cursor | undefined;
    for (const cursor of this.#channels) {
      if (cursor !== without && !cursor.exhausted && (lowest === undefined || cursor.before(lowest))) lowest = cursor;
    }
    return lowest;
  }

  /** What the channels with nothing left to consume let the combined watermark rise to. */
  #heldBack(): number {
    let held = Number.POSITIVE_INFINITY;
    for (const cursor of this.#channels) if (cursor.exhausted && !cursor.idle && cursor.watermark < held) held = cursor.watermark;
    return held;
  }

  #combined(): number {
    if (this.#channels.length === 0) return maxWatermark;
    return Math.min(this.#heldBack(), this.#lowest(undefined)?.watermark ?? Number.POSITIVE_INFINITY);
  }
}

class Cursor {
  readonly channel: InputChannel;
  readonly order: number;
  readonly run: RecordRun | undefined;
  watermark: number;
  /** The block at hand: records from `from` to before `to`. */
  from = 0;
  to = 0;
  exhausted = false;
  #rise = 0;

  constructor(channel: InputChannel, order: number) {
    this.channel = channel;
    this.order = order;
    this.run = channel.run;
    this.watermark = channel.watermark;
    this.next();
  }

  /** Whether it holds nobody back once it is exhausted. */
  get idle(): boolean {
    return this.channel.idle;
  }

  before(other: Cursor): boolean {
    return this.watermark < other.watermark || (this.watermark === other.watermark && this.order < other.order);
  }

  /** Moves to the next block; the watermark becomes what holds before it. */
  next(): void {
    const { run } = this;
    const length = run?.values.length ?? 0;
    this.from = this.to;
    if (run === undefined || this.from === length) {
      this.exhausted = true;
      this.watermark = Math.max(this.watermark, this.channel.finalWatermark);
      return;
    }
    while (this.#rise < run.risesAt.length && run.risesAt[this.#rise]! <= this.from)
      this.watermark = Math.max(this.watermark, run.risesTo[this.#rise++]!);
    this.to = this.#rise < run.risesAt.length ? run.risesAt[this.#rise]! : length;
  }
}
