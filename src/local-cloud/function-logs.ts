import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { formatLogLine, parseLogLine } from '../base/log-line.ts';
import type { FunctionLogLine } from './function-environment.ts';

export interface FunctionLogsOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** When a file has so many bytes, it takes the place of the one before and another is begun: so twice as many are kept. */
  readonly fileBytesMax?: number;
  /** Of functions that have not printed for the longest time, the files go. */
  readonly functionsMax?: number;
}

const fileBytesMaxDefault = 4 * 1024 * 1024;
const functionsMaxDefault = 64;

/** Of a data directory. */
export const logFolder = (dataDir: string): string => join(dataDir, 'logs');

const currentFile = (folder: string, functionName: string): string => join(folder, `${functionName}.log`);
const formerFile = (folder: string, functionName: string): string => join(folder, `${functionName}.old.log`);

/**
 * What functions print, kept in a file for each, one LogLine a line; what is none is made one. Lines that come together are
 * written together.
 */
export class FunctionLogs {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #waiting = new Map<string, string[]>();
  #isScheduled = false;

  constructor({ folder, clock, fileBytesMax = fileBytesMaxDefault, functionsMax = functionsMaxDefault }: FunctionLogsOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#bytesMax = fileBytesMax;
    mkdirSync(folder, { recursive: true });
    dropOldest(folder, functionsMax);
  }

  append({ functionName, stream, line }: FunctionLogLine): void {
    const lines = this.#waiting.get(functionName) ?? [];
    lines.push(parseLogLine(line) === undefined ? this.#made(stream, line) : line);
    this.#waiting.set(functionName, lines);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  /** Best effort: a full disk has more to complain of than a missing log. */
  flush(): void {
    this.#isScheduled = false;
    try {
      for (const [functionName, lines] of this.#waiting) this.#write(functionName, `${lines.join('\n')}\n`);
    } catch {
      // What was printed is lost, and nothing else.
    }
    this.#waiting.clear();
  }

  #write(functionName: string, text: string): void {
    const file = currentFile(this.#folder, functionName);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size + text.length > this.#bytesMax) renameSync(file, formerFile(this.#folder, functionName));
    appendFileSync(file, text);
  }

  #made(stream: FunctionLogLine['stream'], message: string): string {
    return formatLogLine({ time: new Date(this.#clock.now()).toISOString(), level: stream === 'stderr' ? 'ERROR' : 'INFO', message });
  }
}

function dropOldest(folder: string, functionsMax: number): void {
  const files = functionNames(folder).map((name) => ({
    name,
    at: statSync(currentFile(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  const oldest = files.sort((a, b) => b.at - a.at).slice(functionsMax);
  for (const { name } of oldest) for (const file of [currentFile(folder, name), formerFile(folder, name)]) rmSync(file, { force: true });
}

function functionNames(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => (file.endsWith('.log') && !file.endsWith('.old.log') ? [file.slice(0, -4)] : []));
}

/** Where a file was read to: `inode` tells whether it is still the same. */
interface Position {
  readonly inode: number;
  readonly offset: number;
}

/** Reads what functions have printed, and on the next call what they have printed since, also across a change of files. */
export class FunctionLogReader {
  readonly #folder: string;
  readonly #positions = new Map<string, Position>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Lines by function, each function's in their order. A line that is being written is left for the next time. */
  read(): readonly { readonly functionName: string; readonly lines: readonly string[] }[] {
    return functionNames(this.#folder).flatMap((functionName) => {
      const lines = this.#readFunction(functionName);
      return lines.length === 0 ? [] : [{ functionName, lines }];
    });
  }

  #readFunction(functionName: string): readonly string[] {
    const known = this.#positions.get(functionName);
    const current = currentFile(this.#folder, functionName);
    const former = formerFile(this.#folder, functionName);
    if (known !== undefined && inodeOf(current) === known.inode) return this.#readFile(functionName, current, known.offset);
    const rest =
      inodeOf(former) === undefined ? [] : this.#readFile(functionName, former, inodeOf(former) === known?.inode ? known!.offset : 0);
    return [...rest, ...this.#readFile(functionName, current, 0)];
  }

  #readFile(functionName: string, file: string, from: number): readonly string[] {
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch {
      // It has just become the former one, or is not there yet.
      return [];
    }
    try {
      const stats = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.max(0, stats.size - from));
      const read = readSync(descriptor, bytes, 0, bytes.length, from);
      const end = bytes.lastIndexOf(0x0a, read - 1) + 1;
      this.#positions.set(functionName, { inode: stats.ino, offset: from + end });
      return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n');
    } finally {
      closeSync(descriptor);
    }
  }
}

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;
