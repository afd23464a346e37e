import { WeirError } from '../../base/errors.ts';
import type { Sink } from '../../stream/sink.ts';
import { type FileLimits, fileLimits } from './file-limits.ts';
import { directoryOf, uriOf } from './file-uri.ts';
import { NdjsonWriter, type StagedFile } from './ndjson-writer.ts';

/**
 * Writes records as lines of JSON into a directory. A file appears when the checkpoint that covers it has committed,
 * whole and once, under a name fixed by job, operator, subtask, checkpoint and sequence. The files of one checkpoint
 * appear one after the other: a reader may see some of them and not yet the others.
 */
export function ndjsonSink(directory: string, limits: FileLimits = fileLimits): Sink<unknown> {
  return {
    kind: 'sink',
    name: 'files.ndjson',
    createWriter: (context) => new NdjsonWriter(directoryOf(uriOf(directory)), context, limits),
    async commit(committable, { objects }) {
      const { staged, final } = committable as StagedFile;
      if ((await objects.publish(staged, final)) === 'published') return;
      throw new WeirError({
        code: 'OUTPUT_LOST',
        domain: 'external',
        message: `Output "${final}" cannot be published: expected it, or what was staged for it at "${staged}", found neither.`,
        advice:
          'Somebody removed staged output, or a lifecycle rule did: put it back, or restore an earlier snapshot with an empty output directory.',
      });
    },
  };
}
