// Catches: slots that are called by groups, or levels that are read by an index, and come to something else than one by one;
// groups and indexes that are lost, late or doubled.
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/index.ts';
import {
  collectSink,
  type FaultKind,
  faultKinds,
  faultKindsOf,
  faultsAt,
  fromElements,
  type PortCall,
  randomFaults,
  simulateJob,
} from '../../src/testing/index.ts';
import { brokenRuns, callsOf, describeCall } from './broken-runs.ts';
import { countsOfCounts, failingAt } from './jobs.ts';

/** One slot more than a single workflow calls, so two groups, and levels wide enough to be sealed. */
const narrowest = { parallelism: 41, slots: 41 };
const epochs = { recordsPerSecond: 40, irregular: true, splits: 8 };
const short = countsOfCounts(8, { recordsPerSecond: 1_000, splits: 8 });

const isGroupRun = ({ operation, target }: PortCall): boolean =>
  operation === 'workflows.startSyncExecution' && target === 'group-workflow';
const isOfIndex = ({ operation, target }: PortCall): boolean => operation.startsWith('objects.') && /\/level-\d+-/.test(target);

describe('a job of 100 slots', () => {
  const wide = { parallelism: 100, slots: 100 };

  it('calls them by groups, seals the levels that all are fed by, and computes what a single thread does', async () => {
    const job = countsOfCounts(60, { ...epochs, splits: 20 });
    const { status, journal, checkpoints } = await simulateJob(job.definition, {
      ...wide,
      compareWithReference: true,
      compareSubtasks: true,
    });
    expect(status).toBe('FINISHED');
    const groups = 3;
    const levels = 3;
    expect(journal.filter((line) => line.includes('startSyncExecution group-workflow'))).toHaveLength(
      groups * (1 + levels * checkpoints.length),
    );
    // The sources are fed by nobody.
    expect(journal.filter((line) => /objects\.put .*\/level-[12]-/.test(line))).toHaveLength((levels - 1) * checkpoints.length);
    // Of acknowledgements, whole levels are read only by who seals and who completes.
    const readAtOnce = journal.filter((line) => line.includes('records.getMany') && line.split('ack/').length > 41);
    expect(readAtOnce.map((line) => line.split(' ')[2]!.split('#')[0])).toEqual(Array(levels * checkpoints.length).fill('coordinator'));
  });

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 3 }, (_, seed) => ({
      ...wide,
      name: `swarm of seed ${seed}`,
      seed,
      environmentsPerFunction: 1 + (seed % 2),
      faults: randomFaults({ seed, probability: 0.004, untilCall: 4_000 }),
    }));
    expect(await brokenRuns(short, runs)).toEqual([]);
  }, 300_000);
});

describe('a job of 41 slots', () => {
  const runsWith = (kind: FaultKind, calls: readonly PortCall[]) =>
    calls
      .filter((call) => faultKindsOf(call).includes(kind))
      .map((call) => ({ ...narrowest, name: `${kind} at ${describeCall(call)}`, faults: faultsAt({ [call.index]: kind }) }));

  it.each(faultKinds.filter((kind) => faultKindsOf({ operation: 'workflows.startSyncExecution', callerKind: 'execution' }).includes(kind)))(
    'is exact whichever group of slots has the fault %s',
    async (kind) => {
      // The first group of those that are called at once: to prepare, then level by level.
      const groups = (await callsOf(short, narrowest)).filter(isGroupRun).filter((_, index) => index % 2 === 0);
      expect(groups.length).toBeGreaterThan(3);
      expect(await brokenRuns(short, runsWith(kind, groups))).toEqual([]);
    },
    300_000,
  );

  it.each(faultKinds.filter((kind) => faultKindsOf({ operation: 'objects.put', callerKind: 'environment' }).includes(kind)))(
    'is exact whichever index has the fault %s',
    async (kind) => {
      const calls = (await callsOf(short, narrowest)).filter(isOfIndex);
      const written = calls.filter(({ operation }) => operation === 'objects.put');
      const read = calls.filter(({ operation }) => operation === 'objects.get').filter((_, index) => index % 40 === 0);
      expect(written.length).toBeGreaterThan(1);
      expect(read.length).toBeGreaterThan(1);
      expect(await brokenRuns(short, runsWith(kind, [...written, ...read]))).toEqual([]);
    },
    300_000,
  );

  it('replays what the program itself got wrong in one slot of a group, and goes on', async () => {
    const job = failingAt([9], 24, epochs);
    const result = await simulateJob(job.definition, narrowest);
    expect(result.status).toBe('FINISHED');
    expect(result.output(job.sink)).toHaveLength(job.expected.length);
  });

  it('fails with what one slot of a group said, when the program gets the same wrong again', async () => {
    const job = defineJob({
      name: 'broken',
      build(env) {
        env
          .fromSource(fromElements([1, 2, 3], {}))
          .uid('numbers')
          .keyBy((number) => number)
          .process({
            onElement(number) {
              if (number === 2) throw new TypeError('two is one too many');
            },
          })
          .uid('checked')
          .sinkTo(collectSink('nothing'))
          .uid('out');
      },
    });
    const { status, cause } = await simulateJob(job, narrowest);
    expect(status).toBe('FAILED');
    expect(cause).toMatchObject({ domain: 'program', operator: 'checked', message: expect.stringContaining('two is one too many') });
  });
});
