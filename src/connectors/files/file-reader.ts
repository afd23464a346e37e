import { type Buffer, isAscii } from 'node:buffer';
import { WeirError } from '../../base/errors.ts';
import type { ConnectorContext, ReadBudget, SplitBatch, SplitReader } from '../../stream/source.ts';
import { ByteWindow } from './byte-window.ts';
import type { FileLimits } from './file-limits.ts';
import { type FileSplit, isCutAnywhere } from './file-split.ts';
import { unread } from './json-scalars.ts';
import { MalformedRecord, malformed, placeOf, preview } from './malformed-record.ts';
import { type OpenFile, openFile, textOf, tooLong } from './open-file.ts';
import { type DecoderFactory, PromisedResult } from './record-decoder.ts';
import { BrokenStructure, newline } from './record-scanner.ts';
import type { TemplatedLines } from './templated-lines.ts';

export interface FileReaderParts<T> {
  readonly limits: FileLimits;
  readonly skipsMalformed: boolean;
  readonly createDecoder: DecoderFactory<T>;
}

/** What one read has so far. */
interface Progress<T> {
  readonly records: T[];
  /** Of the first byte of each record, in the file. */
  readonly offsets: number[];
  skipped: number;
  /** In the file: what lies before it is read. */
  position: number;
  /** Records that begin here or later belong to the next split. */
  readonly end: number;
  /** Where to stop: in the file, and in number. */
  readonly positionMax: number;
  readonly recordsMax: number;
}

/**
 * Reads splits of files. A position is the byte where the next record, or blank space before it, begins; `split.start`
 * alone may stand within a line, which then belongs to the split before. All that is kept from read to read is a cache.
 */
export class FileReader<T> implements SplitReader<T, FileSplit, number> {
  readonly #context: ConnectorContext;
  readonly #parts: FileReaderParts<T>;
  readonly #window: ByteWindow;
  #file: OpenFile<T> | undefined;

  constructor(context: ConnectorContext, parts: FileReaderParts<T>) {
    this.#context = context;
    this.#parts = parts;
    this.#window = new ByteWindow(context.objects, parts.limits.chunkBytes);
  }

  async read(split: FileSplit, position: number, budget: ReadBudget): Promise<SplitBatch<T, number>> {
    const file = await this.#open(split);
    const begin = Math.max(
      file.dataStart,
      position === split.start && isCutAnywhere(split.format) ? await this.#firstLine(split) : position,
    );
    const progress: Progress<T> = {
      records: [],
      offsets: [],
      skipped: 0,
      position: begin,
      /* The first line is the first split's, even if a border should lie within the byte order mark before it. */
      end: split.start === 0 ? Math.min(split.fileBytes, Math.max(split.end, file.dataStart + 1)) : split.end,
      positionMax: begin + budget.bytes,
      recordsMax: budget.records,
    };
    let needed = 1;
    while (!isOver(progress) && !isSpent(progress) && budget.signal?.aborted !== true) {
      const from = progress.position;
      const bytes = await this.#window.at(split, from, needed);
      await this.#take(split, file, bytes, progress);
      needed = this.#neededAfter(split, progress, from + bytes.byteLength);
    }
    return batchOf(split, position, begin, progress);
  }

  /** Takes the records of these bytes that belong to the split, as far as the budget reaches. */
  async #take(split: FileSplit, file: OpenFile<T>, bytes: Buffer, progress: Progress<T>): Promise<void> {
    const offset = progress.position;
    const { scanner } = file;
    const later = { atFileStart: false, atFileEnd: offset + bytes.byteLength === split.fileBytes };
    let place = { ...later, atFileStart: offset === file.dataStart };
    /* One string for all records costs a fraction of one for each. JSON.parse copies what it keeps; other records would pin all of it. */
    const isJson = split.format === 'ndjson' || split.format === 'jsonArray';
    let ascii: string | undefined;
    let asciiKnown = !isJson;
    let start = 0;
    try {
      while (!isOver(progress) && !isSpent(progress)) {
        start = progress.position - offset;
        if (file.lines !== undefined && this.#takeTemplated(file, file.lines, bytes, offset, later.atFileEnd, progress)) {
          place = later;
          continue;
        }
        const outcome = scanner.next(bytes, start, place);
        start = scanner.start;
        if (outcome === 'found' && !asciiKnown) {
          ascii = isAscii(bytes) ? bytes.toString('latin1') : undefined;
          asciiKnown = true;
        }
        if (outcome === 'found' && offset + scanner.start < progress.end) this.#decode(file, bytes, ascii, offset, progress);
        progress.position = offset + scanner.after;
        if (outcome !== 'found') return;
        place = later;
      }
    } catch (thrown) {
      throw await this.#located(thrown, split.uri, offset, start, bytes);
    }
  }

  #decode(file: OpenFile<T>, bytes: Buffer, ascii: string | undefined, offset: number, progress: Progress<T>): void {
    const { start, end } = file.scanner;
    try {
      const text = ascii === undefined ? textOf(bytes, start, end) : ascii.slice(start, end);
      progress.records.push(decodeText(file, text));
      progress.offsets.push(offset + start);
    } catch (thrown) {
      if (!(thrown instanceof MalformedRecord) || !this.#parts.skipsMalformed) throw thrown;
      progress.skipped++;
    }
  }

  /** Whether a line was taken by what is known of the lines before. */
  #takeTemplated(
    { decoder }: OpenFile<T>,
    lines: TemplatedLines,
    bytes: Buffer,
    offset: number,
    atFileEnd: boolean,
    progress: Progress<T>,
  ): boolean {
    const start = progress.position - offset;
    const value = lines.read(bytes, start, atFileEnd);
    if (value === unread) return false;
    const { after } = lines;
    try {
      progress.records.push(decoder.json!.accept(value, lines.text));
      progress.offsets.push(offset + start);
    } catch (thrown) {
      if (!(thrown instanceof MalformedRecord) || !this.#parts.skipsMalformed) throw thrown;
      progress.skipped++;
    }
    progress.position = offset + after;
    return true;
  }

  /** How many bytes the next look needs, to be sure to see more than the last one did. Doubling keeps long records linear. */
  #neededAfter(split: FileSplit, progress: Progress<T>, seenUpTo: number): number {
    const unread = seenUpTo - progress.position;
    if (unread <= 0 || isSpent(progress) || isOver(progress)) return 1;
    if (unread > this.#parts.limits.recordBytesMax) throw tooLong(split.uri, progress.position, this.#parts.limits);
    return unread * 2;
  }

  async #open(split: FileSplit): Promise<OpenFile<T>> {
    if (this.#file?.uri !== split.uri) {
      try {
        this.#file = await openFile(split, this.#window, this.#parts.limits, this.#parts.createDecoder);
      } catch (thrown) {
        throw await this.#located(thrown, split.uri, 0, 0, undefined);
      }
    }
    return this.#file;
  }

  /** Where the first line begins that begins within the split, or its end. */
  async #firstLine(split: FileSplit): Promise<number> {
    let at = split.start - 1;
    if (at < 0) return 0;
    while (at < split.end) {
      const bytes = await this.#window.at(split, at, 1);
      const found = bytes.indexOf(newline);
      if (found >= 0) return Math.min(at + found + 1, split.end);
      at += bytes.byteLength;
    }
    return split.end;
  }

  async #located(thrown: unknown, uri: string, offset: number, start: number, bytes: Buffer | undefined): Promise<unknown> {
    if (thrown instanceof MalformedRecord) {
      const { expected, found, cause } = thrown;
      return malformed(this.#context.objects, { uri, byte: offset + start, expected, found, structural: bytes === undefined, cause });
    }
    if (thrown instanceof BrokenStructure) {
      const rest = bytes?.subarray(thrown.index, thrown.index + 1024) ?? '';
      const found = rest.length === 0 ? 'the end of the file' : preview(rest.toString());
      return malformed(this.#context.objects, {
        uri,
        byte: offset + thrown.index,
        expected: thrown.expected,
        found,
        structural: true,
        cause: undefined,
      });
    }
    if (thrown instanceof PromisedResult) return this.#located(await thrown.explained(), uri, offset, start, bytes);
    return WeirError.is(thrown) ? thrown.about({ position: placeOf(uri, offset + start) }) : thrown;
  }
}

function decodeText<T>({ decoder, lines }: OpenFile<T>, text: string): T {
  if (lines === undefined || decoder.json === undefined) return decoder.decode(text);
  const value = decoder.json.parse(text);
  lines.learn(text, value);
  return decoder.json.accept(value, () => text);
}

const isOver = (progress: Progress<unknown>): boolean => progress.position >= progress.end;

/** At least one record is read, however long it is. */
function isSpent(progress: Progress<unknown>): boolean {
  const taken = progress.records.length + progress.skipped;
  return taken >= progress.recordsMax || (taken > 0 && progress.position >= progress.positionMax);
}

function batchOf<T>(split: FileSplit, position: number, begin: number, progress: Progress<T>): SplitBatch<T, number> {
  const { records, offsets, skipped } = progress;
  const endOfSplit = isOver(progress);
  /* What has not moved stays where it was: the beginnings of files and splits are looked at with other eyes. */
  const reached = progress.position === begin && !endOfSplit ? position : progress.position;
  return {
    records,
    position: reached,
    bytes: Math.max(0, reached - position),
    skipped,
    endOfSplit,
    backlog: !endOfSplit,
    describe: (index) => placeOf(split.uri, offsets[index] ?? position),
  };
}
