// Catches: a changed program that loses, mixes up or misreads the state of the one before it, or that is refused too late.
import { describe, expect, it } from 'vitest';
import {
  type Collector,
  defineJob,
  type Environment,
  listState,
  maxWatermark,
  splitListState,
  t,
  unionListState,
  valueState,
} from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import type { OperatorHandle } from '../../src/stream/operator-handle.ts';
import { collectSink, fromElements, type SimulationResult, simulateJob } from '../../src/testing/index.ts';

const elements = Array.from({ length: 80 }, (_, i) => ({ key: `k${(i * 7) % 9}`, n: i, at: i * 100 }));
type Element = (typeof elements)[number];

const sink = collectSink<unknown>('changed');
const source = (env: Environment) =>
  env.fromSource(fromElements(elements, { splits: 4, recordsPerSecond: 10 }), { timestamp: ({ at }) => at }).uid('elements');
const jobOf = (build: (env: Environment) => void, options: { readonly maxParallelism?: number } = {}): JobDefinition =>
  defineJob({ name: 'changed', ...options, build: (env) => void build(env) }) as JobDefinition;

/** Sums by key, given out at the end of time. */
const summing = (state: Partial<{ uid: string; version: number; migrate: (old: unknown, from: number) => number }> = {}) => {
  const { uid: _uid, ...schema } = state;
  return {
    state: { sum: valueState<number>(schema) },
    onElement({ n }: Element, { state: { sum }, timers }: Parameters<NonNullable<SumFunction['onElement']>>[1]) {
      sum.update((sum.value() ?? 0) + n);
      timers.registerEventTimeTimer(maxWatermark);
    },
    onTimer(_time: number, { key, state: { sum } }: Parameters<NonNullable<SumFunction['onTimer']>>[1], out: Collector<unknown>) {
      out.collect([key, sum.value()]);
    },
  };
};
type SumFunction = import('../../src/index.ts').KeyedProcessFunction<
  Element,
  unknown,
  string,
  { sum: ReturnType<typeof valueState<number>> }
>;

const sums = (env: Environment) => void source(env).keyBy('key').process(summing()).uid('sums').sinkTo(sink).uid('out');
const expected = [...new Set(elements.map(({ key }) => key))].map((key) => [
  key,
  elements.filter((each) => each.key === key).reduce((sum, { n }) => sum + n, 0),
]);
const sorted = (values: readonly unknown[]) => values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const outputOf = (result: SimulationResult) => sorted(result.output(sink));

const stopped = async (definition: JobDefinition, parallelism = 2): Promise<SimulationResult> =>
  await simulateJob(definition, { parallelism, requests: [{ kind: 'stop', afterCheckpoint: 3 }] });
const resumed = async (
  from: SimulationResult,
  definition: JobDefinition,
  options: { parallelism?: number; allowNonRestoredState?: boolean } = {},
) => {
  const { parallelism = 3, ...resume } = options;
  return await simulateJob(definition, { parallelism, resume: { from, ...resume } });
};
const codeOf = async (run: Promise<unknown>): Promise<unknown> =>
  await run.then(() => 'went through').catch((error: { code?: unknown }) => error.code);

describe('a program whose stateful operators keep their uids', () => {
  it.each<readonly [string, (env: Environment) => void]>([
    [
      'with more operators between them',
      (env) =>
        void source(env)
          .map((each) => each)
          .filter(() => true)
          .keyBy('key')
          .process(summing())
          .uid('sums')
          .sinkTo(sink)
          .uid('out'),
    ],
    [
      'with all chains cut',
      (env) => {
        const cut = <T extends OperatorHandle>(stream: T): T => stream.disableChaining();
        void cut(cut(source(env)).keyBy('key').process(summing()).uid('sums'))
          .sinkTo(sink)
          .uid('out');
      },
    ],
    [
      'with another parallelism for each operator',
      (env) =>
        void source(env)
          .setParallelism(4)
          .keyBy('key')
          .process(summing())
          .uid('sums')
          .setParallelism(2)
          .sinkTo(sink)
          .uid('out')
          .setParallelism(1),
    ],
    [
      'with a new operator beside them',
      (env) => {
        const stream = source(env);
        void stream.keyBy('key').process(summing()).uid('sums').sinkTo(sink).uid('out');
        void stream
          .keyBy('n')
          .process({ state: { all: listState<number>() }, onElement: ({ n }, { state }) => state.all.add(n) })
          .uid('another')
          .sinkTo(collectSink('none'));
      },
    ],
    [
      'with another name',
      (env) => void source(env).keyBy('key').process(summing()).uid('sums').name('Sums of all').sinkTo(sink).uid('out'),
    ],
  ])('goes on where the one before stood: %s', async (_what, build) => {
    const result = await resumed(await stopped(jobOf(sums)), jobOf(build));
    expect(result.status).toBe('FINISHED');
    expect(outputOf(result)).toEqual(sorted(expected));
  });

  it('takes over state under another uid by the hash of the old one', async () => {
    const first = await stopped(jobOf(sums));
    const { operatorId } = first.checkpoints[0]!.vertices[1]!.operators[0]!;
    const renamed = (env: Environment) =>
      void source(env).keyBy('key').process(summing()).uid('totals').setUidHash(operatorId).sinkTo(sink).uid('out');
    const second = await simulateJob(jobOf(renamed), {
      parallelism: 3,
      resume: { from: first },
      requests: [{ kind: 'stop', afterCheckpoint: 6 }],
    });
    // Once more, without the hash: new state is written under the new id.
    const plain = (env: Environment) => void source(env).keyBy('key').process(summing()).uid('totals').sinkTo(sink).uid('out');
    expect(outputOf(await resumed(second, jobOf(plain)))).toEqual(sorted(expected));
  });
});

describe('a program that lacks what the snapshot holds', () => {
  const without = (env: Environment) =>
    void source(env)
      .map(({ n }) => n)
      .sinkTo(sink)
      .uid('out');

  it('is refused when it is submitted, and goes through where that is allowed', async () => {
    const first = await stopped(jobOf(sums));
    expect(await codeOf(resumed(first, jobOf(without)))).toBe('RESTORE_REFUSED');
    const result = await resumed(first, jobOf(without), { allowNonRestoredState: true });
    expect(result.status).toBe('FINISHED');
    expect(outputOf(result).length).toBe(elements.length - first.record.totals.recordsIn);
  });

  it('leaves a state that is no longer declared behind for good', async () => {
    const both = (env: Environment) =>
      void source(env)
        .keyBy('key')
        .process({
          state: { sum: valueState<number>(), more: valueState<number>() },
          onElement({ n }, { state: { sum, more }, timers }) {
            sum.update((sum.value() ?? 0) + n);
            more.update(n);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer: () => undefined,
        })
        .uid('sums')
        .sinkTo(sink)
        .uid('out');
    const first = await stopped(jobOf(both));
    expect(first.checkpoints.at(-1)!.vertices[1]!.operators[0]!.states).toMatchObject([
      { name: '' },
      { name: 'more', entries: 9 },
      { name: 'processing' },
      { name: 'sum', entries: 9 },
    ]);
    expect(await codeOf(resumed(first, jobOf(sums)))).toBe('RESTORE_REFUSED');
    const second = await resumed(first, jobOf(sums), { allowNonRestoredState: true });
    expect(outputOf(second)).toEqual(sorted(expected));
    expect(second.checkpoints[0]!.vertices[1]!.operators[0]!.states!.map(({ name }) => name)).not.toContain('more');
  });
});

describe('max parallelism', () => {
  it('is that of the snapshot as long as the program sets none, and keys stay where their state is', async () => {
    const first = await stopped(jobOf(sums, { maxParallelism: 5 }));
    const result = await resumed(first, jobOf(sums), { parallelism: 5 });
    expect(result.checkpoints[0]!.vertices.map(({ maxParallelism }) => maxParallelism)).toEqual([5, 5]);
    expect(outputOf(result)).toEqual(sorted(expected));
  });

  it('is refused if it is set to another, or the parallelism is above it', async () => {
    const first = await stopped(jobOf(sums, { maxParallelism: 5 }));
    expect(await codeOf(resumed(first, jobOf(sums, { maxParallelism: 6 })))).toBe('RESTORE_REFUSED');
    expect(await codeOf(resumed(first, jobOf(sums), { parallelism: 6 }))).toBe('RESTORE_REFUSED');
  });
});

describe('state that is not by key', () => {
  const lists = (env: Environment) =>
    void source(env)
      .map({
        operatorState: { seen: splitListState<number>(), all: unionListState<number>(), told: splitListState<number>() },
        map({ n }, { operatorState: { seen, all, told } }) {
          const before = { seen: [...seen.get()], all: [...all.get()] };
          const first = told.get().length === 0;
          told.update([n]);
          seen.add(n);
          all.add(n);
          return first ? before : null;
        },
      })
      .uid('lists')
      .sinkTo(sink)
      .uid('out');
  const told = (env: Environment) =>
    void source(env)
      .map({
        operatorState: { seen: splitListState<number>(), all: unionListState<number>() },
        map: (_each, { operatorState: { seen, all } }) => ({ seen: seen.get(), all: all.get() }),
      })
      .uid('lists')
      .sinkTo(collectSink<{ readonly seen: readonly number[]; readonly all: readonly number[] }>('told'))
      .uid('told');

  it.each([
    [2, 3],
    [3, 2],
    [2, 2],
  ])('is dealt out once, split lists to each a part and union lists to each the whole: from %i to %i', async (before, after) => {
    const first = await stopped(jobOf(lists), before);
    const read = first.record.totals.recordsIn;
    const second = await resumed(first, jobOf(told), { parallelism: after, allowNonRestoredState: true });
    const found = second.output(collectSink<{ readonly seen: readonly number[]; readonly all: readonly number[] }>('told'));
    const parts = [...new Map(found.map(({ seen }) => [JSON.stringify(seen), seen])).values()];
    expect(parts.flat().toSorted((a, b) => a - b)).toHaveLength(read);
    expect(new Set(parts.flat()).size).toBe(read);
    for (const { all } of found) expect(new Set(all).size).toBe(read);
  });
});

describe('values of an older schema version', () => {
  const versioned = (version: number, migrate?: (old: unknown, from: number) => { readonly total: number }) => (env: Environment) =>
    void source(env)
      .keyBy('key')
      .process({
        state: { sum: valueState<{ readonly total: number }>({ version, ...(migrate === undefined ? {} : { migrate }) }) },
        onElement({ n }, { state: { sum }, timers }) {
          sum.update({ total: (sum.value()?.total ?? 0) + n });
          timers.registerEventTimeTimer(maxWatermark);
        },
        onTimer(_time, { key, state: { sum } }, out: Collector<unknown>) {
          out.collect([key, sum.value()?.total]);
        },
      })
      .uid('sums')
      .sinkTo(sink)
      .uid('out');
  const migrate = (old: unknown) => ({ total: old as number });

  it('are brought up to date, and stay so through the next restore', async () => {
    const first = await stopped(jobOf(sums));
    expect(await codeOf(resumed(first, jobOf(versioned(2))))).toBe('RESTORE_REFUSED');
    const second = await simulateJob(jobOf(versioned(2, migrate)), {
      parallelism: 3,
      resume: { from: first },
      requests: [{ kind: 'stop', afterCheckpoint: 6 }],
    });
    expect(second.checkpoints.at(-1)!.vertices[1]!.operators[0]!.states).toContainEqual(
      expect.objectContaining({ name: 'sum', schemaVersion: 2 }),
    );
    const third = await resumed(second, jobOf(versioned(2)));
    expect(outputOf(third)).toEqual(sorted(expected));
    expect(await codeOf(resumed(second, jobOf(sums)))).toBe('RESTORE_REFUSED');
  });

  it('of an author’s mistake end the job, and the snapshot can be restored again', async () => {
    const first = await stopped(jobOf(sums));
    const broken = () => {
      throw new RangeError('no such value');
    };
    const failed = await resumed(first, jobOf(versioned(2, broken)));
    expect([failed.status, failed.cause?.code]).toEqual(['FAILED', 'STATE_MIGRATION_FAILED']);
    const again = await resumed({ ...failed, restorable: first.restorable }, jobOf(versioned(2, migrate)));
    expect(outputOf(again)).toEqual(sorted(expected));
  });
});

describe('keys of another type', () => {
  const byNumber = (type?: typeof t.int) => (env: Environment) =>
    void source(env)
      .keyBy(({ key }) => Number(key.slice(1)), type)
      .process({
        ...(summing() as object),
        state: summing().state,
        onElement: ({ n }, { state: { sum } }) => sum.update(n),
        onTimer: () => undefined,
      })
      .uid('sums')
      .sinkTo(sink)
      .uid('out');

  it('are refused by the plan if their type is declared', async () => {
    expect(await codeOf(resumed(await stopped(jobOf(sums)), jobOf(byNumber(t.int))))).toBe('RESTORE_REFUSED');
  });

  it('fail the first attempt by name if it is not', async () => {
    const failed = await resumed(await stopped(jobOf(sums)), jobOf(byNumber()));
    expect([failed.status, failed.cause?.code]).toEqual(['FAILED', 'KEY_TYPE_CHANGED']);
  });
});
