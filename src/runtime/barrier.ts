import { limits } from '../base/limits.ts';
import type { Cloud, RecordFields } from '../cloud/index.ts';
import { divideOutput, encodeOutput, storeOutput } from '../exchange/store-output.ts';
import type { Acknowledgement } from '../protocol/acknowledgement.ts';
import type { RunLevelCommand } from '../protocol/command.ts';
import { objectUris, recordKeys } from '../protocol/names.ts';
import type { SegmentStore } from '../state/index.ts';
import type { Chain } from './chain.ts';
import type { Deadline } from './deadline.ts';
import type { Handover } from './handover.ts';
import type { SubtaskCopy } from './subtask-copy.ts';
import type { Processed } from './subtask-task.ts';

export interface BarrierOptions {
  readonly cloud: Cloud;
  readonly stateRoot: string;
  readonly segments: SegmentStore;
  readonly command: RunLevelCommand;
  /** Of the invocation. */
  readonly nonce: string;
  readonly deadline: Deadline;
  readonly handover: Handover;
}

/**
 * Meets the barrier: stages sinks, writes segment and output, then puts the acknowledgement, if there is none. `won`: it
 * counts, and the copy has the attempt on top. `lost`: another's counts; the caller undoes. Throws where the outcome is
 * unknown, which the caller takes for lost.
 */
export async function meetBarrier(copy: SubtaskCopy, processed: Processed, options: BarrierOptions): Promise<'won' | 'lost'> {
  const { cloud, command, nonce, segments, deadline } = options;
  const { checkpoint, attempt, jobId, slot, slots, storeHandover } = command;
  const { vertex, subtask, state } = copy;
  const name = { vertexId: vertex.vertexId, subtask };
  const chain = copy.chain(deadline);
  const recordsOut = recordsOutOf(chain);
  const accumulators = chain.accumulators.values;
  const { watermark } = chain.output;
  const { kept, sent } = divideOutput(chain.output.take(), { slot, slots, storeHandover });
  const encoded = encodeOutput(sent, slots);
  const snapshot = state.snapshot({ checkpoint, attempt, nonce });
  const [segment, output, staged] = await allSettled([
    snapshot === undefined ? undefined : segments.write({ jobId, checkpoint, attempt, ...name, nonce }, snapshot),
    encoded === undefined ? undefined : storeOutput(cloud.objects, objectUris.exchange(options.stateRoot, command, name, nonce), encoded),
    allSettled(chain.sinks.map((sink) => sink.prepareCommit({ checkpoint, attempt, nonce }))),
  ]);
  deadline.check();
  const acknowledgement: Acknowledgement = {
    ...name,
    checkpoint,
    attempt,
    nonce,
    ...(segment === undefined ? {} : { segment }),
    ...(output === undefined ? {} : { output }),
    handover: kept.size > 0,
    committables: staged.filter(({ items }) => items.length > 0),
    watermark: watermark === Number.NEGATIVE_INFINITY ? null : watermark,
    idle: processed.idle,
    endOfInput: processed.endOfInput,
    ...(accumulators.length === 0 ? {} : { accumulators: JSON.stringify(accumulators) }),
    backlog: processed.backlog,
    ...(processed.nextDueAt === undefined ? {} : { nextDueAt: processed.nextDueAt }),
    states: state.counts(),
    counts: {
      recordsIn: processed.recordsIn,
      recordsOut,
      bytesIn: processed.bytesIn,
      skipped: processed.skipped,
      stateEntries: state.entries,
      stateBytes: state.bytes,
      segmentBytes: segment?.bytes ?? 0,
      durationMs: deadline.elapsedMs,
    },
  };
  const key = recordKeys.acknowledgement(command, name);
  const outcome = await cloud.records.put(
    key,
    acknowledgement as unknown as RecordFields,
    { kind: 'absent' },
    cloud.clock.now() + limits.acknowledgementTtlMs,
  );
  if (outcome.kind === 'conflict' && outcome.current?.fields['nonce'] !== nonce) return 'lost';
  options.handover.keep(acknowledgement, kept);
  return 'won';
}

function recordsOutOf(chain: Chain): number {
  return chain.sinks.reduce((sum, sink) => sum + sink.records, chain.output.records);
}

/** As `Promise.all`, but fails only when nothing is under way any more. */
async function allSettled<const T extends readonly unknown[]>(parts: T): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const settled = await Promise.allSettled(parts);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.map((each) => (each as PromiseFulfilledResult<unknown>).value) as { -readonly [I in keyof T]: Awaited<T[I]> };
}
