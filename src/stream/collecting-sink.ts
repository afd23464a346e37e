import { WeirError } from '../base/errors.ts';
import type { Portable } from '../values/portable.ts';
import { encodeValue } from '../values/serializer.ts';
import type { Sink } from './sink.ts';
import type { ConnectorContext } from './source.ts';

/** The sink behind `collect`: what it was given is the job's result, to be read by the control API. */
export interface CollectingSink<T> extends Sink<T> {
  /** The result's name. */
  readonly collects: string;
}

/** One object holds no more, so that who reads results gets them in pieces. */
const recordsPerObject = 1_000;

/**
 * Stages the records of an epoch in objects of the job's own directory and publishes them when its checkpoint is
 * committed, as every sink does. Names begin with the checkpoint, so that results are read in the order of epochs.
 */
export function collectingSink<T>(name: string): CollectingSink<T> {
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]{0,99}$/.test(name)) throw invalidName(name);
  return {
    kind: 'sink',
    name: `Collect ${name}`,
    collects: name,
    createWriter({ objects, resultDirectory, operatorId, subtask }) {
      let written: T[] = [];
      return {
        write: (value) => void written.push(value),
        async prepareCommit({ checkpoint, attempt, nonce }) {
          const values = written;
          written = [];
          const staged: Committable[] = [];
          for (let from = 0; from < values.length; from += recordsPerObject) {
            const part = [String(checkpoint).padStart(10, '0'), operatorId, subtask, String(from / recordsPerObject).padStart(6, '0')].join(
              '-',
            );
            const committable = {
              staged: `${resultDirectory}/staged/${name}/${part}-${attempt}-${nonce}`,
              final: `${resultDirectory}/visible/${name}/${part}`,
            };
            await objects.put(committable.staged, encodeValue(values.slice(from, from + recordsPerObject)));
            staged.push(committable);
          }
          return staged;
        },
        abort() {
          written = [];
        },
      };
    },
    commit: (committable, context) => publishStaged(name, committable, context),
  };
}

type Committable = { readonly staged: string; readonly final: string };

/** Gives a staged object its final name; done already is success. */
export async function publishStaged(sink: string, committable: Portable, { objects }: ConnectorContext): Promise<void> {
  const { staged, final } = committable as Committable;
  if ((await objects.publish(staged, final)) === 'published') return;
  throw new WeirError({
    code: 'OUTPUT_LOST',
    domain: 'external',
    message: `Sink "${sink}" can't commit: neither ${staged} nor ${final} exists.`,
  });
}

function invalidName(name: string): WeirError {
  return new WeirError({
    code: 'RESULT_NAME_INVALID',
    domain: 'program',
    message: `A collected result is named by letters, digits, ".", "-" and "_", up to 100 of them; found ${JSON.stringify(name) ?? 'nothing'}.`,
    advice: "Say collect('totals'), or collect() where there is one result.",
  });
}
