import { type Collector, defineJob, valueState } from '../../src/index.ts';
import { type CollectSink, collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { job, type SimulatedJob } from '../simulation/jobs.ts';

/** What versions of the program have in common: where their output goes. */
export const counts: CollectSink<unknown> = collectSink<unknown>('counts');

const words = ['weir', 'brook', 'river', 'beck', 'sea'];

/** A running count by word: what comes out does not depend on where epochs or jobs end. */
export function counting(count: number, version: { readonly failsFrom?: number } = {}): SimulatedJob {
  const { failsFrom = Number.POSITIVE_INFINITY } = version;
  const elements = Array.from({ length: count }, (_, index) => ({ word: words[(index * 7 + (index >> 2)) % words.length]!, index }));
  const definition = defineJob({
    name: 'counts',
    restartStrategy: { kind: 'fixed-delay', attempts: 1_000_000, delayMs: 20_000 },
    build(env) {
      env
        .fromSource(fromElements(elements, { recordsPerSecond: 4, splits: 2 }))
        .uid('words')
        .keyBy('word')
        .process({
          state: { seen: valueState<number>() },
          onElement({ index }, { key, state }, out: Collector<unknown>) {
            if (index >= failsFrom) throw new RangeError(`no good from ${failsFrom} on`);
            const seen = (state.seen.value() ?? 0) + 1;
            state.seen.update(seen);
            out.collect({ word: key, seen });
          },
        })
        .uid('counts')
        .sinkTo(counts)
        .uid('out');
    },
  });
  return job('counts', counts, definition);
}
