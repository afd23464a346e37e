// Catches: errors of user code that don't say where, and attempts that leave traces after them.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, valueState } from '../../src/index.ts';
import type { DataStream } from '../../src/stream/data-stream.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

interface Item {
  readonly id: number;
  readonly key: string;
}

const items = Array.from({ length: 20 }, (_, id) => ({ id, key: `k${id % 3}` }));

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
}

function fail(): never {
  throw new OutOfStock('no such item');
}

const job = (build: (stream: DataStream<Item>) => DataStream<unknown>): JobDefinition =>
  defineJob({
    name: 'items',
    build(env) {
      build(env.fromSource(fromElements(items), { timestamp: ({ id }) => id }).uid('items')).sinkTo(collectSink());
    },
  }) as JobDefinition;

async function failureOf(build: (stream: DataStream<Item>) => DataStream<unknown>, parallelism = 1) {
  const drive = await new Drive(job(build), { parallelism, batch: { records: 100, bytes: 1_000_000 } }).submit();
  await drive.inject();
  for (const level of drive.levels) {
    for (const reply of await drive.level(level)) if (reply.kind === 'failed') return reply.failure;
  }
  throw new Error('Nothing failed.');
}

const common = { code: 'USER_FUNCTION_FAILED', domain: 'program', subtask: 0, stack: expect.stringContaining('fail') };

describe('an error in user code', () => {
  it("names the operator and the source's position of the record, wherever in the chain it was", async () => {
    const expected = {
      ...common,
      position: 'element 7',
      message: expect.stringMatching(/^Operator "stock" failed at element 7: OutOfStock: no such item$/),
    };
    const check = (id: number) => (id === 7 ? fail() : true);
    expect(await failureOf((stream) => stream.map(({ id }) => check(id)).uid('stock'))).toMatchObject({ ...expected, operator: 'stock' });
    expect(
      await failureOf((stream) =>
        stream
          .map((item) => item)
          .filter(({ id }) => check(id))
          .uid('stock'),
      ),
    ).toMatchObject(expected);
    expect(
      await failureOf((stream) => stream.flatMap(({ id }, out: Collector<boolean>) => out.collect(check(id))).uid('stock')),
    ).toMatchObject(expected);
    expect(
      await failureOf((stream) =>
        stream.process({ onElement: ({ id }, _context, out: Collector<boolean>) => out.collect(check(id)) }).uid('stock'),
      ),
    ).toMatchObject(expected);
  });

  it('fails the epoch even if a function upstream catches what collect throws', async () => {
    const failure = await failureOf((stream) =>
      stream
        .flatMap((item, out: Collector<Item>) => {
          try {
            out.collect(item);
          } catch {
            // What a careless function does.
          }
        })
        .map(({ id }) => (id === 7 ? fail() : id))
        .uid('stock'),
    );
    expect(failure).toMatchObject({ ...common, operator: 'stock' });
  });

  it('names the position in the input of a later level: record and upstream subtask', async () => {
    const failure = await failureOf((stream) =>
      stream
        .keyBy('key')
        .process({
          state: { seen: valueState<number>() },
          onElement: ({ id }, _context, out: Collector<unknown>) => out.collect(id === 7 ? fail() : id),
        })
        .uid('stock'),
    );
    expect(failure).toMatchObject({ ...common, operator: 'stock', position: 'record 8 from "Source: elements" subtask 0' });
  });

  it('names the timer and its key', async () => {
    const failure = await failureOf((stream) =>
      stream
        .keyBy('key')
        .process({
          onElement: (_item, { timers }) => timers.registerEventTimeTimer(3),
          onTimer: (_time, _context, _out: Collector<unknown>) => fail(),
        })
        .uid('stock'),
    );
    expect(failure).toMatchObject({ ...common, operator: 'stock', position: 'timer 3 of key k0' });
  });

  it('names the keyed operator when its key selector fails, and the source when its timestamp does', async () => {
    const keyed = await failureOf((stream) =>
      stream
        .keyBy(({ id }) => (id === 7 ? fail() : id))
        .reduce((a) => a)
        .uid('reduced'),
    );
    expect(keyed).toMatchObject({ ...common, operator: 'reduced', position: 'element 7' });
    const badKey = await failureOf((stream) =>
      stream
        .keyBy(({ id }) => (id === 7 ? Number.NaN : id))
        .reduce((a) => a)
        .uid('reduced'),
    );
    expect(badKey).toMatchObject({ code: 'KEY_INVALID', domain: 'program', operator: 'reduced', position: 'element 7' });
    const definition = defineJob({
      name: 'late',
      build: (env) =>
        void env
          .fromSource(fromElements(items), { timestamp: ({ id }) => (id === 7 ? Number.NaN : id) })
          .uid('items')
          .sinkTo(collectSink()),
    });
    const drive = await new Drive(definition as JobDefinition).submit();
    await drive.inject();
    expect(await drive.level(0)).toMatchObject([
      { kind: 'failed', failure: { code: 'TIMESTAMP_INVALID', operator: 'items', position: 'element 7' } },
    ]);
  });

  it('is named too when a function is asynchronous, changes what it was given, or emits what is not plain data', async () => {
    const asynchronous = await failureOf((stream) =>
      stream.flatMap((async () => fail()) as unknown as (item: unknown, out: Collector<unknown>) => void).uid('stock'),
    );
    expect(asynchronous).toMatchObject({ code: 'ASYNC_USER_FUNCTION', domain: 'program', operator: 'stock', position: 'element 0' });
    const inPlace = await failureOf((stream) => stream.map((item) => Object.assign(item as { id: number }, { id: 0 })).uid('stock'));
    expect(inPlace).toMatchObject({ code: 'CHANGED_IN_PLACE', operator: 'stock', message: expect.stringContaining('field "id"') });
    const odd = await failureOf((stream) =>
      stream
        .map(() => ({ at: new Map() }))
        .uid('stock')
        .rebalance()
        .map((item) => item),
    );
    expect(odd).toMatchObject({ code: 'VALUE_NOT_PLAIN', domain: 'program', operator: 'stock', position: 'element 0' });
    const oddState = await failureOf((stream) =>
      stream
        .keyBy('key')
        .process({ state: { seen: valueState<unknown>() }, onElement: (_item, { state }) => state.seen.update(new Map()) })
        .uid('stock'),
    );
    expect(oddState).toMatchObject({ code: 'VALUE_NOT_PLAIN', domain: 'program', operator: 'stock' });
  });

  it('says what was thrown when it was no error', async () => {
    const failure = await failureOf((stream) =>
      stream
        .map(() => {
          throw 'a text';
        })
        .uid('stock'),
    );
    expect(failure).toMatchObject({ code: 'USER_FUNCTION_FAILED', message: 'Operator "stock" failed at element 0: it threw a text' });
  });

  it('leaves no trace: the next attempt of a function that recovers gives each record once', async () => {
    const faulty = { left: 2 };
    const drive = await new Drive(
      job((stream) =>
        stream
          .keyBy('key')
          .reduce((a, b) => ({ id: a.id + b.id, key: a.key }))
          .map((sum) => (sum.id > 20 && faulty.left-- > 0 ? fail() : sum)),
      ),
      { parallelism: 2, batch: { records: 7, bytes: 1_000 } },
    ).submit();
    let failures = 0;
    while (!drive.ended) {
      await drive.inject();
      let failed = false;
      for (const level of drive.levels) failed ||= (await drive.level(level)).some(({ kind }) => kind === 'failed');
      if (failed) failures++;
      else await drive.complete();
    }
    expect(failures).toBeGreaterThan(0);
    const sums = new Map<string, number>();
    const expected = items.map(({ id, key }) => {
      sums.set(key, (sums.get(key) ?? 0) + id);
      return sums.get(key);
    });
    const found = (drive.output as readonly Item[]).map(({ id }) => id);
    expect(Math.max(...found)).toBe(Math.max(...sums.values()));
    expect(found).toHaveLength(expected.length);
  });
});
