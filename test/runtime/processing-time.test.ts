// Catches: timers of processing time that fire early, never, or after the end, an idle job that sleeps past them, and state
// that outlives its time or dies before it.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, valueState } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

const oneByOne = { batch: { records: 1, bytes: 1_000_000 } };

describe('processing time', () => {
  const definition = defineJob({
    name: 'alarms',
    build(env) {
      env
        .fromSource(fromElements([2_500, 100, 0, 9_000, 1], { splits: 1 }))
        .keyBy((after) => after % 2)
        .process({
          onElement(after, { timers }, out: Collector<string>) {
            out.collect(`${after} at ${timers.currentProcessingTime}`);
            timers.registerProcessingTimeTimer(timers.currentProcessingTime + after);
          },
          onTimer(time, { timers, key, timeDomain }, out: Collector<string>) {
            out.collect(`timer ${time} of ${key} at ${timers.currentProcessingTime}, ${timeDomain}`);
          },
        })
        .sinkTo(collectSink());
    },
  }) as JobDefinition;

  it('is the stamp of the epoch: what is due fires before its input, and what falls due on the way before its barrier', async () => {
    const drive = await new Drive(definition, oneByOne).submit();
    const dueAt: (number | undefined)[] = [];
    while (!drive.ended) {
      await drive.epoch();
      dueAt.push(drive.acknowledgements.at(-1)!.nextDueAt);
    }
    expect(drive.output).toEqual([
      '2500 at 1000',
      '100 at 2000',
      'timer 2100 of 0 at 3000, processingTime',
      '0 at 3000',
      'timer 3000 of 0 at 3000, processingTime',
      'timer 3500 of 0 at 4000, processingTime',
      '9000 at 4000',
      '1 at 5000',
    ]);
    // The first timer, then one that is due before it; what is left when the input ends is waited for no more.
    expect(dueAt).toEqual([3_500, 2_100, 3_500, 13_000, undefined]);
  });

  it('is the same after a cold start in the middle', async () => {
    const drive = await new Drive(definition, oneByOne).submit();
    await drive.untilEnd(() => {
      drive.slotRuntimes = drive.slotRuntimes.map(() => drive.environment());
    });
    expect(drive.output).toHaveLength(8);
  });
});

describe('state with a time to live', () => {
  it('is forgotten when its time has passed by the stamps of epochs, and kept by those who touch it', async () => {
    const counts = defineJob({
      name: 'counts',
      build(env) {
        env
          .fromSource(fromElements(['a', 'b', 'a', 'b', 'b', 'b', 'a'], { splits: 1 }))
          .keyBy((word) => word)
          .process({
            state: { count: valueState<number>({ ttl: { ms: 2_500 } }) },
            onElement(word, { state }, out: Collector<string>) {
              const count = (state.count.value() ?? 0) + 1;
              state.count.update(count);
              out.collect(`${word} ${count}`);
            },
          })
          .sinkTo(collectSink());
      },
    }) as JobDefinition;
    const drive = await new Drive(counts, oneByOne).submit();
    expect(await drive.untilEnd()).toEqual(['a 1', 'b 1', 'a 2', 'b 2', 'b 3', 'b 4', 'a 1']);
  });
});
