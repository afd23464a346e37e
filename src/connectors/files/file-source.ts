import { WeirError } from '../../base/errors.ts';
import type { Source } from '../../stream/source.ts';
import { enumerateFiles } from './file-enumerator.ts';
import { formatOf, type RecordFormat } from './file-format.ts';
import { type FileLimits, fileLimits } from './file-limits.ts';
import { FileReader } from './file-reader.ts';
import type { FileFormat, FileSplit } from './file-split.ts';
import type { DecoderFactory } from './record-decoder.ts';

/** One file or directory, or several, by path or URI. */
export type FileInput = string | readonly string[];

export interface FileSourceOptions {
  /** At most so many records a second over all subtasks; as fast as possible if left out. */
  readonly recordsPerSecond?: number | undefined;
  /** `fail` (the default) fails the job at the first malformed record, with its position; `skip` passes over and counts them. */
  readonly onMalformed?: 'fail' | 'skip' | undefined;
}

export interface FileSourceParts<T> {
  readonly name: string;
  readonly input: FileInput;
  readonly options: FileSourceOptions;
  /** `lines` for text, a format for all files, or nothing: each by its extension. */
  readonly format: 'lines' | RecordFormat | undefined;
  readonly createDecoder: DecoderFactory<T>;
  readonly limits?: Partial<FileLimits>;
}

/** A bounded source over files. Users come by `files`. */
export function fileSource<T>(parts: FileSourceParts<T>): Source<T, FileSplit, number> {
  const { name, options, format, createDecoder } = parts;
  const { recordsPerSecond } = options;
  const limits = { ...fileLimits, ...parts.limits };
  const inputs = typeof parts.input === 'string' ? [parts.input] : [...parts.input];
  if (inputs.length === 0) throw invalid(name, 'at least one input', 'an empty list', 'Name a file or a directory.');
  if (recordsPerSecond !== undefined && !(recordsPerSecond > 0)) {
    throw invalid(name, 'recordsPerSecond above 0', String(recordsPerSecond), 'Leave it out to read as fast as possible.');
  }
  return {
    kind: 'source',
    name,
    boundedness: 'bounded',
    enumerate: (state, context) =>
      enumerateFiles(
        {
          inputs,
          limits,
          formatOf: async (file): Promise<FileFormat> => (format === 'lines' ? 'lines' : await formatOf(context.objects, file, format)),
        },
        state,
        context,
      ),
    startOf: (split) => split.start,
    createReader: (context) => new FileReader<T>(context, { limits, skipsMalformed: options.onMalformed === 'skip', createDecoder }),
    ...(recordsPerSecond === undefined ? {} : { recordsPerSecond }),
  };
}

function invalid(name: string, expected: string, found: string, advice: string): WeirError {
  return new WeirError({ code: 'INVALID_OPTION', domain: 'program', message: `${name}: expected ${expected}, found ${found}.`, advice });
}
