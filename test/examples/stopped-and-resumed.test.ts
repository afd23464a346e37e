// Every example: a straight run is a run that was stopped with a savepoint at parallelism 2 and resumed at 3.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import airportSessions from '../../examples/airport-sessions/job.ts';
import broadcastRules from '../../examples/broadcast-rules/job.ts';
import deduplicate from '../../examples/deduplicate/job.ts';
import flightDelays from '../../examples/flight-delays/job.ts';
import savepointGuide from '../../examples/savepoint-guide/job.ts';
import wordCount from '../../examples/word-count/job.ts';
import type { TriggerRequest } from '../../src/job/request-service.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import type { Portable } from '../../src/values/portable.ts';
import { inWorld, type World } from '../simulation/support/world.ts';
import { ndjson, realFlights } from './real-flights.ts';

interface Example {
  readonly definition: JobDefinition;
  readonly args: Portable;
  readonly files: { readonly [uri: string]: string };
  /** So many records in the first epoch: a small part of all. */
  readonly bits: number;
}

const output = 's3://bucket/out';
const file = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const example = (definition: unknown, args: object, files: Example['files'], bits: number): Example => ({
  definition: definition as JobDefinition,
  args: { ...args, output } as Portable,
  files,
  bits,
});

/** In files of their own, so that there are splits for three subtasks. */
const inFiles = (records: readonly object[], files: number): { [uri: string]: string } =>
  Object.fromEntries(
    Array.from({ length: files }, (_, at) => {
      const each = Math.ceil(records.length / files);
      return [`s3://bucket/in/${at}.ndjson`, ndjson(records.slice(at * each, (at + 1) * each))];
    }),
  );

const flights = realFlights('2k');
const input = 's3://bucket/in/';
/** They change on the way. */
const rules = [
  { from: flights[0]!.date, rule: 'any', minDelay: 60 },
  { from: flights[400]!.date, rule: 'atlanta', origin: 'ATL', minDelay: 0 },
  { from: flights[1_000]!.date, rule: 'any', minDelay: 10 },
  { from: flights[1_600]!.date, rule: 'atlanta' },
];
const text = file('LICENSE').split('\n');

const examples: { readonly [name: string]: Example } = {
  'airport-sessions': example(airportSessions, { input }, inFiles(flights, 1), 60),
  'broadcast-rules': example(
    broadcastRules,
    { input, rules: 's3://bucket/rules.ndjson' },
    { ...inFiles(flights, 1), 's3://bucket/rules.ndjson': ndjson(rules) },
    60,
  ),
  deduplicate: example(deduplicate, { input: [input] }, inFiles([...flights.slice(0, 900), ...flights.slice(300, 1_200)], 5), 20),
  'flight-delays': example(flightDelays, { input }, inFiles(flights, 4), 20),
  'word-count': example(
    wordCount,
    { input: 's3://bucket/texts/' },
    Object.fromEntries([0, 1, 2, 3].map((at) => [`s3://bucket/texts/${at}.txt`, text.filter((_, line) => line % 4 === at).join('\n')])),
    5,
  ),
};

async function began(world: World, { args, bits }: Example, more: object = {}): Promise<string> {
  const jobId = await world.start('example', { args, parallelism: 2, checkpointIntervalMs: 500, ...more });
  world.readsInBits(jobId, bits);
  return jobId;
}

const straightRuns = new Map<string, Promise<readonly string[]>>();

function straight(name: string, of: Example): Promise<readonly string[]> {
  const known =
    straightRuns.get(name) ??
    inWorld({ files: of.files, slots: 3 }, async (world) => {
      world.deploy('example', of.definition);
      expect((await world.ended(await began(world, of))).status).toBe('FINISHED');
      return world.lines(output);
    });
  straightRuns.set(name, known);
  return known;
}

type Ending = Pick<TriggerRequest, 'kind' | 'format' | 'drain'>;

const ways: readonly (readonly [string, Ending])[] = [
  ['stopped with a native savepoint', { kind: 'stop', format: 'native' }],
  ['stopped with a canonical savepoint', { kind: 'stop', format: 'canonical' }],
  ['cancelled with a savepoint', { kind: 'cancel', format: 'native' }],
];

/** Those in which nothing waits for the end of event time. */
const drained: readonly (readonly [string, Ending])[] = [
  ['drained into a native savepoint', { kind: 'stop', format: 'native', drain: true }],
  ['drained into a canonical savepoint', { kind: 'stop', format: 'canonical', drain: true }],
];

const cases = Object.keys(examples).flatMap((name) =>
  [...ways, ...(name === 'deduplicate' ? drained : [])].map(([how, ending]) => [name, how, ending] as const),
);

describe('an example', () => {
  it.each(cases)('%s, %s at parallelism 2 and resumed at 3, gives what it gives in one go', async (name, _how, ending) => {
    const of = examples[name]!;
    const expected = await straight(name, of);
    expect(expected.length).toBeGreaterThan(5);
    await inWorld({ files: of.files, slots: 3 }, async (world) => {
      world.deploy('example', of.definition);
      const first = await began(world, of);
      await world.atCheckpoint(first, 1);
      const path = await world.savepoint({ jobId: first, ...ending });
      const { totals } = await world.ended(first);
      const second = await began(world, of, { parallelism: 3, restore: { path } });
      const ended = await world.ended(second);
      expect(ended.status).toBe('FINISHED');
      // Both had something to read.
      expect([totals.recordsIn > 0, ended.totals.recordsIn > totals.recordsIn]).toEqual([true, true]);
      expect(world.lines(output)).toEqual(expected);
    });
  });
});

describe('the program of the savepoint guide', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([...ways, ...drained])('%s at parallelism 2 and resumed at 3, counts every number once', async (_how, ending) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await inWorld({ slots: 3 }, async (world) => {
      world.deploy('example', savepointGuide as JobDefinition);
      const args = { count: 100, rate: 20 };
      const first = await world.start('example', { args, parallelism: 2 });
      await world.atCheckpoint(first, 2);
      const path = await world.savepoint({ jobId: first, ...ending });
      const before = log.mock.calls.length;
      expect(before).toBeGreaterThan(10);
      const second = await world.start('example', { args, parallelism: 3, restore: { path } });
      expect((await world.ended(second)).status).toBe('FINISHED');
      const rows = log.mock.calls.map(([line]) => /^(\d)> \{ number: (\d+), mapped: (\d+) \}$/.exec(String(line))!);
      expect(rows.map(([, , number]) => Number(number)).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, number) => number));
      const last = new Map(rows.slice(before).map(([, subtask, , mapped]) => [subtask, Number(mapped)]));
      expect([...last.values()].reduce((sum, mapped) => sum + mapped)).toBe(100);
    });
  });
});
