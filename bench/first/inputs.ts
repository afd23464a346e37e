import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bidAt } from './bids.ts';

const linesAtOnce = 10_000;

/** A file with the first `count` bids, one a line as JSON: made once, and kept for the next time. */
export function bidsFile(count: number): string {
  const folder = join(tmpdir(), 'weir-bench');
  const file = join(folder, `bids-${count}.ndjson`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  const descriptor = openSync(unfinished, 'w');
  for (let from = 0; from < count; from += linesAtOnce) {
    const length = Math.min(linesAtOnce, count - from);
    writeSync(descriptor, Array.from({ length }, (_, i) => `${JSON.stringify(bidAt(from + i))}\n`).join(''));
  }
  closeSync(descriptor);
  renameSync(unfinished, file);
  return file;
}
