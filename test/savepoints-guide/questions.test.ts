// The questions that the guide answers at its end, each asked of running jobs.
import { cpSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  filesIn,
  fromTo,
  GuideCloud,
  guideJob,
  jobOf,
  lastSum,
  metadataBytes,
  metadataOf,
  numbersOf,
  onDisk,
  type Row,
  type Stopped,
  savepointIn,
  statefulIn,
  variants,
} from './guide-cloud.ts';

let cloud: GuideCloud;
/** Jobs that were cancelled with a savepoint, by what they ran. */
const stoppedJobs = new Map<string, Promise<Stopped>>();
const rest = ['--count', '2000', '--rate', '5000'] as const;

beforeAll(async () => {
  cloud = await GuideCloud.start();
});

afterAll(() => cloud[Symbol.asyncDispose]());

/** A job of this layout at parallelism 2, cancelled with a savepoint in the middle; the same one for all tests. */
function stopped(layout: string, ids: 'given' | 'generated' = 'given'): Promise<Stopped> {
  const name = `${layout} ${ids}`;
  const words = [variants, '-p', '2', '--', '--layout', layout, '--ids', ids, '--count', '2000', '--rate', '100'];
  const known = stoppedJobs.get(name) ?? cloud.stopped(words);
  stoppedJobs.set(name, known);
  return known;
}

interface Changed {
  readonly layout: string;
  readonly ids?: 'given' | 'generated';
  readonly parallelism?: number;
  readonly flags?: readonly string[];
}

const changedWords = ({ layout, ids = 'given', parallelism = 2 }: Changed) =>
  [variants, '-p', String(parallelism), '--', '--layout', layout, '--ids', ids, ...rest] as const;

const resumedAs = ({ path }: Stopped, to: Changed): Promise<readonly Row[]> =>
  cloud.resumed(path, ...(to.flags ?? []), ...changedWords(to));

const refusedAs = ({ path }: Stopped, to: Changed): Promise<string> =>
  cloud.refused('run', '-d', '-s', path, ...(to.flags ?? []), ...changedWords(to));

/** Every number once, over both jobs; and the mapper counts on from where it was. */
function expectGoesOn(before: Stopped, rows: readonly Row[]): void {
  expect(numbersOf(rows)).toEqual(fromTo(before.rows.length, 2_000));
  expect(lastSum(rows, 'mapped')).toBe(2_000);
}

describe('should I assign ids to all operators in my job?', () => {
  test('it is enough to give ids to the stateful ones: the savepoint contains state of these alone', async () => {
    const before = await stopped('stateless added');
    expect(statefulIn(metadataOf(before.path))).toEqual(['source-id', 'mapper-id']);
    const stateless = metadataOf(before.path).vertices.flatMap(({ operators }) => operators.filter(({ uid }) => uid === undefined));
    expect(stateless.length).toBeGreaterThan(3);
    expect(stateless.flatMap(({ states = [] }) => states)).toEqual([]);
    expectGoesOn(before, await resumedAs(before, { layout: 'stateless added' }));
  });

  test('in practice give one to all, for built-in operators may be stateful too: those without one are warned of by name', async () => {
    const words = ['-d', variants, '--', '--layout', 'totals last', '--ids', 'generated', '--count', '10'];
    const { stderr } = await cloud.weir('run', ...words);
    expect(stderr.match(/^warning: .*/gm)?.length).toBeGreaterThanOrEqual(3);
    expect(stderr).toContain('uid');
  });

  test('where an operator is certainly stateless, its id may be left out: no warning, and a restore does not need it', async () => {
    const { stderr } = await cloud.weir('run', '-d', guideJob, '--', '--count', '10');
    expect(stderr).not.toContain('warning');
  });
});

describe('why is the savepoint file so small?', () => {
  test('it has only metadata and pointers to the state, which is much larger', async () => {
    const jobId = await cloud.submit(jobOf('large-state-job'), '-p', '2', '--', '--keys', '4000', '--bytes', '250');
    let path: string;
    do path = savepointIn(await cloud.good('savepoint', jobId));
    while (stateBytesOf(path) < 900_000);
    await cloud.good('cancel', jobId);
    expect(filesIn(path)).toEqual(['_metadata']);
    expect(metadataBytes(path)).toBeLessThan(stateBytesOf(path) / 20);
  });

  test('with the memory backend it includes all state, and the backend bears only small state: beyond, checkpoints fail and say so', async () => {
    const small = await cloud.submit('-D', 'state.backend=memory', guideJob, '-p', '2', '--', '--count', '2000');
    await cloud.printedAtLeast(small, 40);
    const path = savepointIn(await cloud.good('cancel', '-s', small));
    const known = (await cloud.rows(small)).length;
    const copy = cloud.path('moved');
    cpSync(onDisk(path), copy, { recursive: true });
    await cloud.good('savepoint', '-d', path);
    rmSync(onDisk(path), { recursive: true, force: true });
    expect(numbersOf(await cloud.resumed(copy, guideJob, '-p', '2', '--', ...rest))).toEqual(fromTo(known, 2_000));

    const large = ['-D', 'state.backend=memory', jobOf('large-state-job'), '--', '--keys', '8000', '--bytes', '1000', '--rate', '100000'];
    const said = await cloud.refused('run', '--checkpoint-interval', '100', ...large);
    expect(said).toContain('kept');
    expect(said).toMatch(/dynamodb|filesystem/);
  });
});

const stateBytesOf = (path: string): number =>
  metadataOf(path).vertices.reduce((sum, { subtasks }) => sum + subtasks.reduce((all, { stateBytes }) => all + stateBytes, 0), 0);

describe('what happens if I add a new operator that requires state to my job?', () => {
  test('it begins without any state, as a stateless one would, and the others go on with theirs', async () => {
    const before = await stopped('guide');
    const rows = await resumedAs(before, { layout: 'mapper added' });
    expectGoesOn(before, rows);
    expect(lastSum(rows, 'second')).toBe(2_000 - before.rows.length);
  });
});

describe('what happens if I delete an operator that has state from my job?', () => {
  test('the restore fails by default, before anything is started, and names the operator', async () => {
    const before = await stopped('guide');
    const said = await refusedAs(before, { layout: 'mapper deleted' });
    expect(said).toContain('mapper-id');
    expect(said).toContain('--allowNonRestoredState');
  });

  test('with --allowNonRestoredState, or -n, its state is left out and the job goes on without', async () => {
    const before = await stopped('guide');
    for (const flag of ['--allowNonRestoredState', '-n']) {
      const rows = await resumedAs(before, { layout: 'mapper deleted', flags: [flag] });
      expect(numbersOf(rows)).toEqual(fromTo(before.rows.length, 2_000));
    }
  });
});

describe('what happens if I reorder stateful operators in my job?', () => {
  test('with ids they are restored as usual', async () => {
    const before = await stopped('totals last');
    const rows = await resumedAs(before, { layout: 'totals first' });
    expectGoesOn(before, rows);
    expect(totalsOf(rows)).toEqual(Array.from({ length: 10 }, () => 200));
  });

  test('without ids the generated ones change, and the state can’t be restored', async () => {
    const before = await stopped('totals last', 'generated');
    const said = await refusedAs(before, { layout: 'totals first', ids: 'generated' });
    expect(said).toContain('id ');
    expect(said).toContain('uid');
  });
});

/** Of each last digit, the last total. */
function totalsOf(rows: readonly Row[]): readonly number[] {
  const totals = new Map<number, number>();
  for (const { number, total = 0 } of rows) totals.set(number % 10, Math.max(total, totals.get(number % 10) ?? 0));
  return [...totals.values()];
}

describe('what happens if I add, delete or reorder operators that have no state in my job?', () => {
  test('with ids on the stateful ones it makes no difference to the restore', async () => {
    const [without, withSome] = await Promise.all([stopped('guide'), stopped('stateless added')]);
    expectGoesOn(without, await resumedAs(without, { layout: 'stateless added' }));
    expectGoesOn(withSome, await resumedAs(withSome, { layout: 'stateless reordered' }));
    expectGoesOn(withSome, await resumedAs(withSome, { layout: 'guide' }));
  });

  test('without ids the generated ones of the stateful operators change, and the state can’t be restored', async () => {
    const before = await stopped('guide', 'generated');
    const said = await refusedAs(before, { layout: 'stateless added', ids: 'generated' });
    expect(said).toContain('"Map"');
    expect(said).toContain('uid');
  });
});

describe('what happens when I change the parallelism of my program when restoring?', () => {
  test('the state is dealt out to the new subtasks, more or fewer, and the job goes on from it', async () => {
    const [mapping, counting] = await Promise.all([stopped('guide'), stopped('totals last')]);
    for (const parallelism of [1, 3]) {
      expectGoesOn(mapping, await resumedAs(mapping, { layout: 'guide', parallelism }));
      const rows = await resumedAs(counting, { layout: 'totals last', parallelism });
      expect(numbersOf(rows)).toEqual(fromTo(counting.rows.length, 2_000));
      expect(totalsOf(rows)).toEqual(Array.from({ length: 10 }, () => 200));
    }
  });

  test('state that belongs to its subtask, as Checkpointed had it, stays at its parallelism: another is refused with the way out', async () => {
    const before = await stopped('own state');
    const said = await refusedAs(before, { layout: 'own state', parallelism: 3 });
    expect(said).toContain('needs parallelism 2');
    expect(said).toContain('splitListState()');
    expectGoesOn(before, await resumedAs(before, { layout: 'own state' }));
  });
});
