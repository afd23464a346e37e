// Catches: an epoch that asks the services for more than docs/SCALING.md says, by subtasks and slots.
import { expect, it } from 'vitest';
import { countEpochs } from '../../bench/scale/count-epochs.ts';
import { limits } from '../../src/base/limits.ts';

const levels = 2;
/** Of records that an epoch reads or writes whatever its width: job record, description and what hangs on them. */
const fixedReads = 8;
/** Of the coordinator: inject, complete, and a look every two seconds between epochs that are ten seconds apart. */
const fixedCalls = 7;

it.each([
  { parallelism: 4, slots: 4, sealed: false },
  { parallelism: 32, slots: 32, sealed: false },
  { parallelism: 41, slots: 41, sealed: true },
  { parallelism: 60, slots: 20, sealed: true },
])('$parallelism subtasks in each of two levels over $slots slots', async ({ parallelism, slots, sealed }) => {
  const counted = await countEpochs({ parallelism, slots, recordsPerSubtask: 20, paddingBytes: 0 });
  const groups = sealed ? Math.ceil(slots / limits.slotsPerGroupMax) : 0;
  expect(counted.calls).toBe(slots * levels + (sealed ? 1 : 0) + fixedCalls);
  expect(counted.runs).toBe(groups * levels);
  expect(counted.recordReads).toBe(parallelism * levels + (sealed ? parallelism : parallelism * (slots - 1)) + fixedReads);
  expect(counted.objectPuts).toBe(sealed ? 2 : 1);
  expect(counted.objectGets).toBe(sealed ? 2 * slots : 0);
  // An acknowledgement and a segment each; some of the segments before are not needed any more.
  expect(counted.recordWrites).toBeGreaterThan(2 * parallelism * levels);
  expect(counted.recordWrites).toBeLessThan(3 * parallelism * levels + 10);
});
