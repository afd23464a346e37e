import { assert } from '../base/assert.ts';
import { publishStaged } from '../stream/collecting-sink.ts';
import type { EpochName, Sink, WriterContext } from '../stream/sink.ts';
import type { Portable } from '../values/portable.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';

/** Where collected output stands in a simulation, once it is visible. */
const collectedRoot = 's3://simulation/collected';
const stagingRoot = 's3://simulation/staging';

/**
 * A transactional sink for tests: what it was given is exactly readable from the result of a simulation, as soon as the
 * checkpoint that covers it has taken effect. Sinks of one job need different names.
 */
export interface CollectSink<T> extends Sink<T> {
  /** The beginning of the names of what is visible. */
  readonly collectedUri: string;
}

export function collectSink<T>(name = 'collected'): CollectSink<T> {
  const collectedUri = `${collectedRoot}/${encodeURIComponent(name)}/`;
  return {
    kind: 'sink',
    name,
    collectedUri,
    createWriter(context) {
      let written: T[] = [];
      return {
        write: (value) => void written.push(value),
        async prepareCommit(epoch) {
          const values = written;
          written = [];
          return values.length === 0 ? [] : [await stage(context, name, collectedUri, epoch, values)];
        },
        abort() {
          written = [];
        },
      };
    },
    commit: (committable, context) => publishStaged(name, committable, context),
  };
}

/** The values in the bytes of one visible object. */
export function decodeCollected(bytes: Uint8Array): readonly unknown[] {
  const values: unknown = decodeValue(bytes);
  assert(Array.isArray(values), 'collected output is a list of values');
  return values;
}

async function stage(
  context: WriterContext,
  name: string,
  collectedUri: string,
  epoch: EpochName,
  values: readonly unknown[],
): Promise<Portable> {
  const subtask = `${context.operatorId}-${context.subtask}-${String(epoch.checkpoint).padStart(10, '0')}`;
  const committable = {
    staged: `${stagingRoot}/${encodeURIComponent(name)}/${context.jobId}/${subtask}-${epoch.attempt}-${epoch.nonce}`,
    final: `${collectedUri}${context.jobId}/${subtask}`,
  };
  await context.objects.put(committable.staged, encodeValue(values));
  return committable;
}
