// Catches: code that changes records and state in place, and so gives other results after a cold start, found by nobody.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, listState, mapState, splitListState, valueState } from '../../src/index.ts';
import type { DataStream } from '../../src/stream/data-stream.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

interface Item {
  readonly id: number;
  readonly tags: readonly string[];
}

/** As careless code sees it. */
interface Loose {
  id: number;
  tags: string[];
}

/** New ones each time: those before are frozen. */
const items = () => Array.from({ length: 20 }, (_, id): Item => ({ id, tags: ['a'] }));

const mistakes: readonly {
  readonly what: string;
  readonly found: string;
  readonly build: (stream: DataStream<Item>) => DataStream<unknown>;
}[] = [
  {
    what: 'a record that came from the source',
    found: 'field "id" of a value',
    build: (stream) =>
      stream.map((item) => {
        (item as Loose).id = 7;
        return item;
      }),
  },
  {
    what: 'a list within a record that came over an edge',
    found: 'element 1 of a list',
    build: (stream) => stream.rebalance().map((item) => (item as Loose).tags.push('b')),
  },
  {
    what: 'a record that a chained operator emitted',
    found: 'field "extra" of a value',
    build: (stream) => stream.map(({ id }) => ({ id })).map((item) => Object.assign(item, { extra: 1 })),
  },
  {
    what: 'the one object it emits again and again',
    found: 'field "id" of a value',
    build: (stream) => {
      const reused = { id: -1 };
      return stream.flatMap(({ id }, out: Collector<{ id: number }>) => {
        reused.id = id;
        out.collect(reused);
      });
    },
  },
  {
    what: 'the result of a reduction',
    found: 'field "id" of a value',
    build: (stream) =>
      stream
        .keyBy(() => 'all')
        .reduce((sum, { id }) => {
          (sum as Loose).id += id;
          return sum;
        }),
  },
  {
    what: 'a value of state',
    found: 'field "count" of a value',
    build: (stream) =>
      stream
        .keyBy(() => 'all')
        .process({
          state: { total: valueState<{ count: number }>() },
          onElement(_item, { state }, _out: Collector<number>) {
            const total = (state.total.value() ?? { count: 0 }) as { count: number };
            total.count++;
            state.total.update(total);
          },
        }),
  },
  {
    what: 'the list that list state gives',
    found: 'element 1 of a list',
    build: (stream) =>
      stream
        .keyBy(() => 'all')
        .process({
          state: { seen: listState<number>() },
          onElement({ id }, { state }, _out: Collector<number>) {
            state.seen.add(id);
            (state.seen.get() as number[]).push(id);
          },
        }),
  },
  {
    what: 'a value within map state',
    found: 'field "id" of a value',
    build: (stream) =>
      stream
        .keyBy(() => 'all')
        .process({
          state: { latest: mapState<string, Item>() },
          onElement(item, { state }, _out: Collector<number>) {
            const latest = state.latest.get('x');
            if (latest === undefined) state.latest.put('x', { ...item });
            else (latest as Loose).id++;
          },
        }),
  },
  {
    what: 'an element of operator state',
    found: 'field "id" of a value',
    build: (stream) =>
      stream.process({
        operatorState: { kept: splitListState<{ id: number }>() },
        onElement({ id }, { operatorState }, _out: Collector<number>) {
          const [first] = operatorState.kept.get();
          if (first === undefined) operatorState.kept.add({ id });
          else (first as { id: number }).id++;
        },
      }),
  },
];

async function failureOf(freeze: 'all' | 'sample' | 'none', build: (stream: DataStream<Item>) => DataStream<unknown>) {
  const definition = defineJob({
    name: 'careless',
    build: (env) =>
      void build(env.fromSource(fromElements(items())).uid('items'))
        .uid('careless')
        .sinkTo(collectSink()),
  }) as JobDefinition;
  const drive = await new Drive(definition, { freeze, batch: { records: 100, bytes: 1_000_000 } }).submit();
  await drive.inject();
  for (const level of drive.levels) {
    for (const reply of await drive.level(level)) if (reply.kind === 'failed') return reply.failure;
  }
  return undefined;
}

describe('code that changes in place', () => {
  for (const freeze of ['sample', 'all'] as const) {
    it.each(mistakes)(`$what, is found where ${freeze === 'all' ? 'all values are' : 'a sample is'} frozen`, async ({ build, found }) => {
      expect(await failureOf(freeze, build)).toMatchObject({
        code: 'CHANGED_IN_PLACE',
        domain: 'program',
        operator: 'careless',
        message: expect.stringMatching(
          new RegExp(`^Operator "careless" changed ${found} in place, but records and values of state are read-only: Cannot .*\\.$`),
        ),
        advice: expect.stringContaining('Make a new value'),
        stack: expect.stringContaining('changed-in-place.test.ts'),
      });
    });
  }

  it('goes unnoticed where nothing is frozen', async () => {
    expect(await failureOf('none', mistakes[0]!.build)).toBeUndefined();
  });

  it('is told from other errors', async () => {
    const build = (stream: DataStream<Item>) => stream.map((item) => (item as unknown as { missing: { field: number } }).missing.field);
    expect(await failureOf('sample', build)).toMatchObject({ code: 'USER_FUNCTION_FAILED' });
  });
});
