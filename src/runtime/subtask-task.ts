import type { RunLevelCommand } from '../protocol/command.ts';
import type { OperatorState } from '../state/index.ts';
import { maxWatermark } from '../stream/functions.ts';
import type { Chain } from './chain.ts';
import type { Deadline } from './deadline.ts';
import { InputMerge } from './input-merge.ts';
import { InputWatermarks } from './input-watermarks.ts';
import type { InputFrom, SubtaskInput } from './level-input.ts';
import { SourceSplits } from './source-splits.ts';
import { SourceTask } from './source-task.ts';
import type { SubtaskCopy } from './subtask-copy.ts';

/** What a subtask has come to when it meets the barrier; its records and state are in its copy. */
export interface Processed {
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly skipped: number;
  readonly idle: boolean;
  readonly endOfInput: boolean;
  readonly backlog: boolean;
  readonly nextDueAt: number | undefined;
}

export interface EpochOptions {
  readonly command: RunLevelCommand;
  readonly checkpointIntervalMs: number;
  readonly deadline: Deadline;
}

/** Processes one subtask's input of an epoch, up to the barrier. What it throws names operator and position. */
export async function processEpoch(copy: SubtaskCopy, input: SubtaskInput, options: EpochOptions): Promise<Processed> {
  const chain = copy.chain(options.deadline);
  copy.state.begin(options.command.stamp);
  return copy.sourceBody === undefined ? processInput(copy, chain, input, options) : await processSource(copy, chain, input, options);
}

async function processSource(
  copy: SubtaskCopy,
  chain: Chain,
  input: SubtaskInput,
  { command, checkpointIntervalMs, deadline }: EpochOptions,
): Promise<Processed> {
  const body = copy.sourceBody!;
  const state = copy.state.operator(copy.vertex.operators[0]!.operatorId);
  const splits = SourceSplits.of(state);
  chain.begin(command.stamp, splits.watermark, deadline);
  if (command.drain === true) return drainSource(chain, splits, state);
  if (input.enumerator !== undefined) splits.assign(input.enumerator, copy.subtask, body.source);
  const pace = { stamp: command.stamp, parentStamp: command.parentStamp, checkpointIntervalMs };
  const outcome = await new SourceTask(chain, body, copy.reader(), splits, { batch: command.batch, pace, deadline }).run();
  chain.end();
  splits.store(state);
  return { ...outcome, idle: splits.active.length === 0 && !splits.done, endOfInput: splits.ended };
}

/**
 * The last epoch of a job that is drained: the source reads nothing and gives out the end of event time, so that all timers
 * downstream fire. Its splits stay where they are, as if no watermark had ever come of them. Flink's MAX_WATERMARK.
 */
function drainSource(chain: Chain, splits: SourceSplits, state: OperatorState): Processed {
  chain.output.watermark = maxWatermark;
  chain.end();
  splits.forgetWatermarks();
  splits.store(state);
  return { recordsIn: 0, bytesIn: 0, skipped: 0, idle: false, endOfInput: splits.ended, backlog: false, nextDueAt: undefined };
}

function processInput(copy: SubtaskCopy, chain: Chain, input: SubtaskInput, { command, deadline }: EpochOptions): Processed {
  const state = copy.state.operator(copy.vertex.operators[0]!.operatorId);
  const before = InputWatermarks.of(state);
  chain.begin(command.stamp, before.combined, deadline);
  const channels = input.channels.map((from) => ({
    sender: `"${from.vertexName}" subtask ${from.sender}`,
    run: from.run,
    head: chain.headOf(from.edge),
    keyInRecord: chain.keyInRecordsOf(from.edge),
    watermark: before.channel(from.edge.edge, from.sender),
    finalWatermark: from.acknowledgement.watermark ?? Number.NEGATIVE_INFINITY,
    idle: from.acknowledgement.idle,
  }));
  const merge = new InputMerge(chain, channels, deadline);
  chain.advanceProcessingTime();
  merge.consume();
  chain.advanceProcessingTime();
  chain.end();
  if (command.drain === true) InputWatermarks.forget(state);
  else InputWatermarks.store(state, chain.watermark, watermarksAfter(input.channels, before));
  const ended = input.channels.every(({ acknowledgement }) => acknowledgement.endOfInput);
  const idle = !ended && chain.watermark !== maxWatermark && input.channels.every(({ acknowledgement }) => acknowledgement.idle);
  return { recordsIn: merge.recordsIn, bytesIn: 0, skipped: 0, idle, endOfInput: ended, backlog: false, nextDueAt: chain.first.nextDueAt };
}

function watermarksAfter(channels: readonly InputFrom[], before: InputWatermarks) {
  return channels.map(({ edge, sender, acknowledgement }) => ({
    edge: edge.edge,
    sender,
    watermark: Math.max(before.channel(edge.edge, sender), acknowledgement.watermark ?? Number.NEGATIVE_INFINITY),
  }));
}
