// Two streams in one function: keyed ones that meet by key, and one that is broadcast to all.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, listState, mapState, maxWatermark, outputTag, valueState } from '../../src/index.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';
import { swarms } from './swarms.ts';

interface Order {
  readonly order: number;
  readonly amount: number;
}

interface Payment {
  readonly payment: string;
  readonly of: number;
  readonly amount: number;
}

const orders = (count: number): readonly Order[] =>
  Array.from({ length: count }, (_, index) => ({ order: (index * 7) % 11, amount: 10 + index }));
const payments = (count: number): readonly Payment[] =>
  Array.from({ length: count }, (_, index) => ({ payment: `p${index}`, of: (index * 5) % 13, amount: index % 4 }));

const unpaid = outputTag<number>('unpaid');

/** What each order is due and paid, at the end; sums, so that the order between the streams makes no difference. */
function settlements(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('settlements');
  const definition = defineJob({
    name: 'settlements',
    build(env) {
      const due = env.fromSource(fromElements(orders(count), { ...epochs, name: 'orders' })).uid('orders');
      const paid = env.fromSource(fromElements(payments(count), { ...epochs, name: 'payments' })).uid('payments');
      const settled = due
        .keyBy('order')
        .connect(paid.union(paid.filter((payment) => payment.amount === 3)).keyBy((payment) => payment.of))
        .process({
          state: { due: valueState<number>(), paid: valueState<number>(), amounts: mapState<number, boolean>() },
          onElement1({ amount }, { state, timers }) {
            state.due.update((state.due.value() ?? 0) + amount);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onElement2({ amount }, { state, timers }) {
            state.paid.update((state.paid.value() ?? 0) + amount);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(_time, { key, state, output }, out: Collector<unknown>) {
            if (state.paid.value() === undefined) output(unpaid, key);
            out.collect({ order: key, due: state.due.value() ?? 0, paid: state.paid.value() ?? 0 });
          },
        })
        .uid('settled');
      settled.sinkTo(sink).uid('out');
      settled.getSideOutput(unpaid).sinkTo(collectSink<number>('unpaid')).uid('unpaid out');
      due
        .connect(paid)
        .process({
          onElement1: ({ amount }, _context, out: Collector<string>) => out.collect(`due ${amount}`),
          onElement2: ({ payment }, _context, out: Collector<string>) => out.collect(`paid ${payment}`),
        })
        .uid('journal')
        .sinkTo(collectSink<string>('journal'))
        .uid('journal out');
    },
  });
  return job('settlements', sink, definition);
}

interface Rule {
  readonly name: string;
  readonly above: number;
}

const rules: readonly Rule[] = [
  { name: 'large', above: 30 },
  { name: 'any', above: 0 },
  { name: 'huge', above: 45 },
  { name: 'gone', above: -1 },
];

/** Which rules each key's orders fulfil, at the end, when all rules are known. */
function alerts(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('alerts');
  const definition = defineJob({
    name: 'alerts',
    build(env) {
      const due = env.fromSource(fromElements(orders(count), { ...epochs, name: 'orders' })).uid('orders');
      const broadcast = env
        .fromSource(fromElements(rules, { recordsPerSecond: 1, splits: 1, name: 'rules' }))
        .uid('rules')
        .setParallelism(1)
        .broadcast();
      due
        .keyBy('order')
        .connect(broadcast)
        .process({
          state: { amounts: listState<number>() },
          broadcastState: { rules: mapState<string, number>() },
          onElement({ amount }, { state, timers }) {
            state.amounts.add(amount);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onBroadcast({ name, above }, { broadcastState }) {
            broadcastState.rules.put(name, above);
            if (broadcastState.rules.has('gone') && broadcastState.rules.size === 4) broadcastState.rules.delete('gone');
          },
          onTimer(_time, { key, state, broadcastState }, out: Collector<unknown>) {
            for (const amount of state.amounts.get()) {
              const names = [...broadcastState.rules].filter(([, above]) => amount > above).map(([name]) => name);
              out.collect({ order: key, amount, rules: names.toSorted() });
            }
          },
        })
        .uid('alerts')
        .sinkTo(sink)
        .uid('out');
      due
        .connect(broadcast)
        .process({
          broadcastState: { seen: mapState<string, boolean>() },
          onElement: ({ amount }, _context, out: Collector<number>) => out.collect(amount),
          onBroadcast: ({ name }, { broadcastState }) => broadcastState.seen.put(name, true),
        })
        .uid('passed')
        .sinkTo(collectSink<number>('passed'))
        .uid('passed out');
    },
  });
  return job('alerts', sink, definition);
}

describe.each([
  ['two keyed streams', settlements],
  ['a keyed stream beside a broadcast one', alerts],
] as const)('%s', (_name, make) => {
  it.each([1, 2, 3])('equal the reference at parallelism %i, at every checkpoint', async (parallelism) => {
    const { definition, sink } = make(40, { recordsPerSecond: 12 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(result.output(sink).length).toBeGreaterThan(10);
  });

  it('are exact whatever swarm of faults strikes', async () => {
    expect(await brokenRuns(make(24, { recordsPerSecond: 12, irregular: true }), swarms)).toEqual([]);
  });
});
