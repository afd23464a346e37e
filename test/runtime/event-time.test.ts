// Catches: timers that fire early, late, twice or in another order, and watermarks that go back or wait for the wrong ones.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, maxWatermark } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import type { Source } from '../../src/stream/source.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

interface Event {
  readonly key: string;
  readonly at: number;
}

/** Says all that happens: elements with the watermark they meet, timers with the watermark they fire under. */
function journal(
  source: Source<Event>,
  timersOf: (event: Event) => readonly number[],
  again?: (time: number) => number | undefined,
): JobDefinition {
  return defineJob({
    name: 'journal',
    build(env) {
      env
        .fromSource(source, { timestamp: ({ at }) => at, maxOutOfOrdernessMs: 0 })
        .keyBy('key')
        .process({
          onElement(event, { timers }, out: Collector<string>) {
            out.collect(`${event.key}@${event.at} under ${timers.currentWatermark ?? 'none'}`);
            for (const time of timersOf(event)) timers.registerEventTimeTimer(time);
          },
          onTimer(time, { key, timers, timestamp }, out: Collector<string>) {
            out.collect(`timer ${time} of ${key} under ${timers.currentWatermark ?? 'none'}, timestamp ${timestamp}`);
            const next = again?.(time);
            if (next !== undefined) timers.registerEventTimeTimer(next);
          },
        })
        .sinkTo(collectSink());
    },
  }) as JobDefinition;
}

const run = async (definition: JobDefinition, records = 100, parallelism = 1): Promise<readonly unknown[]> =>
  await (await new Drive(definition, { parallelism, batch: { records, bytes: 1_000_000 } }).submit()).untilEnd();

const end = `under ${maxWatermark}`;

describe('event time', () => {
  it('fires timers as the watermark rises within an epoch, by time, then key', async () => {
    const events = [
      { key: 'b', at: 10 },
      { key: 'a', at: 11 },
      { key: 'a', at: 30 },
      { key: 'b', at: 31 },
    ];
    const expected = [
      'b@10 under none',
      'a@11 under 9',
      'a@30 under 10',
      'timer 20 of a under 29, timestamp 20',
      'timer 20 of b under 29, timestamp 20',
      'b@31 under 29',
      `timer 40 of a ${end}, timestamp 40`,
      `timer 40 of b ${end}, timestamp 40`,
    ];
    const definition = journal(fromElements(events), ({ at }) => [Math.ceil(at / 20) * 20]);
    for (const records of [1, 2, 3, 100]) expect(await run(definition, records)).toEqual(expected);
  });

  it('fires timers that were set late at the next rise, and those that a timer sets in the same one', async () => {
    const events = [
      { key: 'a', at: 100 },
      { key: 'a', at: 101 },
      { key: 'a', at: 102 },
    ];
    const definition = journal(
      fromElements(events),
      ({ at }) => (at === 101 ? [50] : []),
      (time) => (time < 53 ? time + 1 : undefined),
    );
    expect(await run(definition)).toEqual([
      'a@100 under none',
      'a@101 under 99',
      ...[50, 51, 52, 53].map((time) => `timer ${time} of a under 100, timestamp ${time}`),
      'a@102 under 100',
    ]);
  });

  it('lets the subtask furthest behind decide, and takes its records first', async () => {
    // Two splits on two subtasks, one well ahead of the other; their records meet at one key.
    const events = Array.from({ length: 12 }, (_, i) => ({ key: 'k', at: i % 2 === 0 ? 1_000 + i : 10 * i }));
    const output = (await run(
      journal(fromElements(events), () => []),
      100,
      2,
    )) as readonly string[];
    const times = output.map((line) => Number(/@(\d+)/.exec(line)![1]));
    // The first records have no watermark before them; then all of the slower subtask comes before the rest of the faster.
    expect(times).toEqual([1_000, 10, 30, 50, 70, 90, 110, 1_002, 1_004, 1_006, 1_008, 1_010]);
  });

  it('never lets a watermark go back, whatever the order of timestamps', async () => {
    const events = [50, 10, 90, 20, 60, 91].map((at) => ({ key: 'k', at }));
    const output = (await run(
      journal(fromElements(events), () => []),
      2,
    )) as readonly string[];
    expect(output.map((line) => /under (.*)/.exec(line)![1])).toEqual(['none', '49', '49', '89', '89', '89']);
  });

  it('is the same after a cold start in the middle as without one', async () => {
    const events = Array.from({ length: 60 }, (_, i) => ({ key: `k${i % 5}`, at: i * 7 + ((i * 13) % 5) }));
    const definition = journal(fromElements(events, { splits: 2 }), ({ at }) => [at + 20]);
    const outputs: (readonly unknown[])[] = [];
    for (const cold of [false, true]) {
      const drive = await new Drive(definition, { parallelism: 2, slots: 2, batch: { records: 9, bytes: 1_000_000 } }).submit();
      await drive.untilEnd(() => {
        if (cold) drive.slotRuntimes = drive.slotRuntimes.map(() => drive.environment());
      });
      outputs.push(drive.output);
    }
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[0]).toHaveLength(120);
  });

  it('keeps the end of time back while a split may still come, and passes idle subtasks by', async () => {
    const finite = fromElements(
      [
        { key: 'k', at: 10 },
        { key: 'k', at: 20 },
      ],
      { splits: 1 },
    );
    const waiting: Source<Event> = {
      ...(finite as unknown as Source<Event>),
      enumerate: async (state, context) => ({ ...(await (finite as unknown as Source<Event>).enumerate(state, context)), done: false }),
    };
    const drive = await new Drive(
      journal(waiting, ({ at }) => [at + 5]),
      { parallelism: 2, slots: 1 },
    ).submit();
    await drive.epoch();
    const [reading, empty] = drive.acknowledgements;
    expect(reading).toMatchObject({ watermark: 19, idle: true, endOfInput: false });
    expect(empty).toMatchObject({ watermark: null, idle: true, endOfInput: false });
    expect(drive.acknowledgements.at(-1)).toMatchObject({ endOfInput: false, idle: true });
    expect(drive.output).toEqual(['k@10 under none', 'k@20 under 9', 'timer 15 of k under 19, timestamp 15']);
  });
});
