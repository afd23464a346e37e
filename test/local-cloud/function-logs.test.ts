// Catches: lines of functions that are lost when a file is full, read twice, or kept for ever.
import { appendFileSync as appendText, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatLogLine, parseLogLine } from '../../src/base/log-line.ts';
import { FunctionLogReader, FunctionLogs } from '../../src/local-cloud/function-logs.ts';

let folder: string;
const clock = { now: () => 1_000, sleep: () => Promise.resolve() };
const line = (message: string) => formatLogLine({ time: new Date(1_000).toISOString(), level: 'INFO', message });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const messages = (reader: FunctionLogReader) =>
  reader.read().map(({ functionName, lines }) => [functionName, lines.map((text) => parseLogLine(text)!.message)]);

test('each function has its lines, in their order, and a reader gets each line once', () => {
  const logs = new FunctionLogs({ folder, clock });
  const reader = new FunctionLogReader(folder);
  expect(reader.read()).toEqual([]);
  logs.append({ functionName: 'a', stream: 'stdout', line: line('one') });
  logs.append({ functionName: 'b', stream: 'stdout', line: line('two') });
  logs.append({ functionName: 'a', stream: 'stdout', line: line('three') });
  logs.flush();
  expect(messages(reader)).toEqual([
    ['a', ['one', 'three']],
    ['b', ['two']],
  ]);
  logs.append({ functionName: 'b', stream: 'stdout', line: line('four') });
  logs.flush();
  expect(messages(reader)).toEqual([['b', ['four']]]);
  expect(messages(reader)).toEqual([]);
});

test('what is no line of a log is made one, with its stream as its level', () => {
  const logs = new FunctionLogs({ folder, clock });
  logs.append({ functionName: 'a', stream: 'stderr', line: 'FATAL ERROR: heap' });
  logs.flush();
  expect(JSON.parse(readFileSync(join(folder, 'a.log'), 'utf8'))).toEqual({
    time: '1970-01-01T00:00:01.000Z',
    level: 'ERROR',
    message: 'FATAL ERROR: heap',
  });
});

test('a full file becomes the former one, which a reader that is behind finishes first', () => {
  const logs = new FunctionLogs({ folder, clock, fileBytesMax: 300 });
  const reader = new FunctionLogReader(folder);
  const write = (message: string) => {
    logs.append({ functionName: 'a', stream: 'stdout', line: line(message) });
    logs.flush();
  };
  write('0');
  expect(messages(reader)).toEqual([['a', ['0']]]);
  for (const message of ['1', '2', '3', '4', '5']) write(message);
  expect(messages(reader)).toEqual([['a', ['1', '2', '3', '4', '5']]]);
  for (let i = 6; i < 40; i++) write(String(i));
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.old.log']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(300);
  const [[, kept]] = messages(new FunctionLogReader(folder)) as [[string, string[]]];
  expect(kept.at(-1)).toBe('39');
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => String(40 - kept.length + i)));
});

test('a line that is being written is left for the next time', () => {
  const logs = new FunctionLogs({ folder, clock });
  logs.append({ functionName: 'a', stream: 'stdout', line: line('whole') });
  logs.flush();
  const reader = new FunctionLogReader(folder);
  expect(messages(reader)).toEqual([['a', ['whole']]]);
  const file = join(folder, 'a.log');
  const half = line('half').slice(0, 20);
  appendText(file, half);
  expect(messages(reader)).toEqual([]);
  appendText(file, `${line('half').slice(20)}\n`);
  expect(messages(reader)).toEqual([['a', ['half']]]);
});

test('functions that have not printed for the longest time lose their files when another cloud starts', () => {
  const logs = new FunctionLogs({ folder, clock });
  for (const functionName of ['a', 'b', 'c']) logs.append({ functionName, stream: 'stdout', line: line('x') });
  logs.flush();
  utimesSync(join(folder, 'b.log'), 1, 1);
  const again = new FunctionLogs({ folder, clock, functionsMax: 2 });
  again.flush();
  expect(existsSync(join(folder, 'b.log'))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'c.log']);
});
