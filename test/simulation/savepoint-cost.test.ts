// Catches: a savepoint whose cost goes by the state that exists instead of the metadata it writes.
import { expect, test } from 'vitest';
import { defineJob, valueState } from '../../src/index.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';

const directory = 's3://bucket/savepoints';

/** What a run writes for its savepoint alone. */
async function writesForSavepoint(keys: number): Promise<readonly string[]> {
  const perEpoch = keys / 2;
  const elements = Array.from({ length: keys * 3 }, (_, index) => ({ key: index % keys }));
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
  const requests = [{ afterCheckpoint: 3, kind: 'savepoint' as const, directory }];
  const result = await simulateJob(job, { parallelism: 1, slots: 1, checkpointIntervalMs: 1_000, requests });
  expect(result.snapshots).toHaveLength(1);
  return result.journal.filter((line) => line.includes('.put ') && (line.includes(directory) || /operations\/|snapshots?\//.test(line)));
}

test('a savepoint of 20,000 keys writes as often as one of 200: metadata, snapshot record and index, operation and its result', async () => {
  const [few, many] = [await writesForSavepoint(200), await writesForSavepoint(20_000)];
  expect(few).toHaveLength(5);
  expect(many).toHaveLength(5);
});
