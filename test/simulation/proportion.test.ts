// Catches: a checkpoint whose cost goes by the state that exists instead of what changed.
import { expect, test } from 'vitest';
import { defineJob, valueState } from '../../src/index.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';

const keys = 100_000;
const checkpointsAfter = 6;

/** Touches every key once, `perEpoch` of them in each epoch, then the first ones again, as many in each of a few more epochs. */
async function checkpointsOf(perEpoch: number): Promise<readonly Manifest[]> {
  const elements = Array.from({ length: keys + checkpointsAfter * perEpoch }, (_, index) => ({ key: `key-${(index * 7_919) % keys}` }));
  const job = defineJob({
    name: 'many-keys',
    build(env) {
      env
        .fromSource(fromElements(elements, { recordsPerSecond: perEpoch }))
        .uid('elements')
        .keyBy('key')
        .process({
          state: { count: valueState<number>() },
          onElement(_element, { state }) {
            state.count.update((state.count.value() ?? 0) + 1);
          },
        })
        .uid('counts')
        .sinkTo(collectSink('nothing'))
        .uid('sink');
    },
  });
  const result = await simulateJob(job, { parallelism: 1, slots: 1, checkpointIntervalMs: 1_000, segmentInlineBytes: 300 * 1024 });
  expect(result.status).toBe('FINISHED');
  return result.checkpoints;
}

interface Written {
  readonly bytes: number;
  /** DynamoDB's write units: one for each KiB begun. */
  readonly units: number;
}

/** What the state of one checkpoint took to write. */
function written(manifest: Manifest): Written {
  const segments = manifest.vertices.flatMap((vertex) => vertex.subtasks.flatMap((subtask) => subtask.segments));
  const added = segments.filter((segment) => segment.checkpoint === manifest.checkpoint);
  expect(added.every((segment) => segment.at.kind === 'record')).toBe(true);
  return {
    bytes: added.reduce((sum, segment) => sum + segment.bytes, 0),
    units: added.reduce((sum, segment) => sum + Math.ceil(segment.bytes / 1024), 0),
  };
}

/** The middle one of the checkpoints that begin when every key exists. */
function typical(checkpoints: readonly Manifest[]): Written {
  const entries = (manifest: Manifest) =>
    manifest.vertices.reduce((sum, vertex) => sum + vertex.subtasks.reduce((all, subtask) => all + subtask.stateEntries, 0), 0);
  const full = checkpoints
    .filter((manifest) => entries(manifest) >= keys)
    .slice(1, -1)
    .map(written);
  expect(full.length).toBeGreaterThan(2);
  return full.toSorted((a, b) => a.units - b.units)[full.length >> 1]!;
}

test('with 100,000 keys of which 1,000 changed, a checkpoint writes in proportion to the 1,000', async () => {
  const thousand = typical(await checkpointsOf(1_000));
  const tenThousand = typical(await checkpointsOf(10_000));
  // Ten times the changes, about ten times the units; the same keys, so that nothing else differs.
  expect(tenThousand.units / thousand.units).toBeGreaterThan(5);
  expect(tenThousand.units / thousand.units).toBeLessThan(20);
  // The changes themselves and as much again for compaction: some 7 KB, where all of the keys take some 300.
  expect(thousand.units).toBeLessThan(20);
});
