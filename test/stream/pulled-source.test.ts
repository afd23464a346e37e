// A source that gives too much, or the same again, must be told so by name, before its records are lost or doubled.
import { describe, expect, test } from 'vitest';
import type { PulledSource } from '../../src/index.ts';
import { sourceOf } from '../../src/stream/pulled-source.ts';
import type { ConnectorContext } from '../../src/stream/source.ts';

const context = {} as ConnectorContext;
const budget = { records: 3, bytes: 1_000 };
const reading = (pull: PulledSource<number, number>['pull']) =>
  sourceOf<number, number>({ name: 'numbers', start: 0, pull }).createReader(context).read(null, 0, budget);

describe('a source written as an object', () => {
  test('is one split that begins at its start, read by one subtask, and given out once', async () => {
    const source = sourceOf<number, number>({ start: 5, boundedness: 'bounded', pull: (position) => ({ records: [], position }) });
    const first = await source.enumerate(undefined, { ...context, processingTime: 0, parallelism: 1 });
    expect(first.assignments).toEqual([{ subtask: 0, splitId: 'all', split: null }]);
    expect(source.startOf(null)).toBe(5);
    expect((await source.enumerate(first.state, { ...context, processingTime: 0, parallelism: 1 })).assignments).toEqual([]);
    expect(source).toMatchObject({ name: 'Custom Source', boundedness: 'bounded' });
  });

  test('is opened before its first pull, once, and closed if it was opened', async () => {
    const calls: string[] = [];
    const source = sourceOf<number, number>({
      start: 0,
      open: () => void calls.push('open'),
      pull: async (position) => {
        calls.push(`pull ${position}`);
        return { records: [position], position: position + 1 };
      },
      close: () => void calls.push('close'),
    });
    await source.createReader(context).close!();
    const reader = source.createReader(context);
    expect(await reader.read(null, 0, budget)).toMatchObject({ records: [0], position: 1, backlog: true, endOfSplit: false });
    await reader.read(null, 1, budget);
    await reader.close!();
    expect(calls).toEqual(['open', 'pull 0', 'pull 1', 'close']);
  });

  test('has more to give at once as long as it gives something, and nothing once it is done', async () => {
    expect(await reading((position) => ({ records: [], position }))).toMatchObject({ backlog: false, endOfSplit: false });
    expect(await reading(() => ({ records: [1], position: 1, done: true }))).toMatchObject({ backlog: false, endOfSplit: true });
    const batch = await reading(() => ({ records: [1, 2], position: 7 }));
    expect(batch.describe(1)).toBe('record 2 after position 0');
  });

  test.each([
    ['at most 3 records after position 0, but found 4', () => ({ records: [1, 2, 3, 4], position: 4 })],
    ['another position after its records after position 0', () => ({ records: [1], position: 0 })],
    ['a list of records after position 0, but found none', () => ({ position: 1 })],
    ['the position after its records after position 0, but found none', () => ({ records: [1] })],
    ['a list of records after position 0, but found none', () => undefined],
  ])('is told that it should give %s', async (message, pull) => {
    await expect(reading(pull as never)).rejects.toMatchObject({ code: 'PULL_INVALID', message: expect.stringContaining(message) });
  });

  test('needs a start and a pull', () => {
    expect(() => sourceOf({ start: 0 } as never)).toThrow('needs a position to start at');
  });
});
