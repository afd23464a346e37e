// Catches: a payload, record, manifest or index that outgrows its limit when a job is as wide as jobs get: a thousand subtasks
// in each level over 250 slots, each sending to all of the next, with names as long as people make them.
import { expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { type Collector, defineJob, valueState } from '../../src/index.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';
import { encodeValue } from '../../src/values/serializer.ts';

const subtasks = 1_000;
const slots = 250;
const senders = 20;
const long = (name: string): string => `${name} `.padEnd(250, 'with a long name ');

const count = `count-${'n'.repeat(250)}`;

/** Some subtasks of the source send to every subtask behind it; the rest have nothing, which costs as many messages. */
const job = defineJob({
  name: long('wide'),
  build(env) {
    env
      .fromSource(
        fromElements(
          Array.from({ length: senders }, (_, element) => element),
          { name: long('elements'), splits: senders },
        ),
        {
          timestamp: (element) => element,
        },
      )
      .uid(long('elements'))
      .flatMap((element, out: Collector<{ readonly key: string }>) => {
        for (let i = 0; i < 6 * subtasks; i++) out.collect({ key: `element ${element} number ${i}` });
      })
      .keyBy('key')
      .process({
        state: { [count]: valueState<number>() },
        onElement(_record, { state }) {
          const counted = state[count]!;
          counted.update((counted.value() ?? 0) + 1);
        },
      })
      .uid(long('counts'))
      .sinkTo(collectSink('nothing'))
      .uid(long('sink'));
  },
});

it('a job of a thousand subtasks in each level keeps every payload, item, manifest and index within its limit', async () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const { status, world, journal, checkpoints, record } = await simulateJob(job, { parallelism: subtasks, slots });
  Error.stackTraceLimit = stackTraceLimit;
  expect(status).toBe('FINISHED');
  expect(checkpoints[0]!.vertices.map((vertex) => vertex.subtasks.length)).toEqual([subtasks, subtasks]);
  expect(record.totals.recordsIn).toBe(senders);

  const items = new Map<string, number>();
  for (const { key, fields } of world.records) {
    const kind = key.partition.startsWith('job/') ? key.sort : key.partition.split('/')[0]!;
    items.set(kind, Math.max(items.get(kind) ?? 0, encodeValue(fields).byteLength));
  }
  const payloads = journal.flatMap((line) => /sent (\d+) bytes, (?:replied|gave) (\d+)/.exec(line)?.slice(1).map(Number) ?? []);
  const indexes = [...world.objects].filter(([uri]) => /\/level-1-/.test(uri)).map(([, bytes]) => bytes.byteLength);
  const manifest = Buffer.byteLength(JSON.stringify(checkpoints.at(-1)));

  // Far below what the services take: what would come near it at ten times the width shows here.
  for (const bytes of items.values()) expect(bytes).toBeLessThan(limits.recordBytesMax / 4);
  expect(items.get('record')).toBeLessThan(4 * 1024);
  expect(items.get('ack')).toBeLessThan(32 * 1024);
  expect(Math.max(...payloads)).toBeLessThan(limits.workflowPayloadBytesMax / 8);
  expect(indexes).toHaveLength(checkpoints.length);
  expect(Math.max(...indexes)).toBeLessThan(4 * 1024 * 1024);
  expect(manifest).toBeLessThan(8 * 1024 * 1024);
}, 600_000);
