// Catches: a drain that reads on, leaves timers unfired, or leaves a watermark behind that makes all later input late.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, maxWatermark } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { Drive } from './drive.ts';

interface Event {
  readonly key: string;
  readonly at: number;
}

/** What comes after the drain is earlier than what came before. */
const events: readonly Event[] = [0, 10, 20, 30, 5, 6, 7, 8].map((at, index) => ({ key: index % 2 === 0 ? 'a' : 'b', at }));

/** Says which watermark each element meets, and which timers fire; each element sets one for long after it. */
const definition = (): JobDefinition =>
  defineJob({
    name: 'journal',
    build(env) {
      env
        .fromSource(fromElements(events), { timestamp: ({ at }) => at, maxOutOfOrdernessMs: 0 })
        .uid('events')
        .keyBy('key')
        .process({
          onElement({ key, at }, { timers }, out: Collector<string>) {
            out.collect(`${key}@${at} under ${timers.currentWatermark ?? 'none'}`);
            timers.registerEventTimeTimer(at + 1_000);
          },
          onTimer(time, { key, timers }, out: Collector<string>) {
            out.collect(`timer ${time} of ${key} under ${timers.currentWatermark}`);
          },
        })
        .uid('journal')
        .sinkTo(collectSink())
        .uid('out');
    },
  }) as JobDefinition;

async function drained(): Promise<Drive> {
  const drive = await new Drive(definition(), { batch: { records: 4, bytes: 1_000_000 } }).submit();
  await drive.epoch();
  await drive.epoch({ drain: true });
  return drive;
}

describe('a drain', () => {
  it('reads nothing and fires all timers that are set, in the order of their times', async () => {
    const { output } = await drained();
    expect(output).toEqual([
      'a@0 under none',
      'b@10 under -1',
      'a@20 under 9',
      'b@30 under 19',
      ...[1_000, 1_010, 1_020, 1_030].map((time, index) => `timer ${time} of ${index % 2 === 0 ? 'a' : 'b'} under ${maxWatermark}`),
    ]);
  });

  it('is no end of input', async () => {
    const { acknowledgements } = await drained();
    expect(acknowledgements.map(({ endOfInput, idle }) => [endOfInput, idle])).toEqual(acknowledgements.map(() => [false, false]));
  });

  it.each([
    ['a warm copy', false],
    ['a cold copy', true],
  ])('leaves no watermark behind: %s goes on as if none had ever come', async (_what, cold) => {
    const drive = await drained();
    if (cold) drive.slotRuntimes = drive.slotRuntimes.map(() => drive.environment());
    if (cold) await drive.prepare(0);
    const before = drive.output.length;
    await drive.epoch();
    expect(drive.output.slice(before, before + 4)).toEqual(['a@5 under none', 'b@6 under 4', 'a@7 under 5', 'b@8 under 6']);
  });
});
