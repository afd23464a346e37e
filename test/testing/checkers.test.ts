// A checker that never speaks proves nothing: each is shown what it must not let pass.
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { jobRecordChecker } from '../../src/testing/checkers/job-record-checker.ts';
import { ManifestChecker } from '../../src/testing/checkers/manifest-checker.ts';
import { OutputChecker } from '../../src/testing/checkers/output-checker.ts';
import { Violations } from '../../src/testing/checkers/violations.ts';
import { writtenOnceChecker } from '../../src/testing/checkers/written-once-checker.ts';
import { noFaults } from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { SimulatedRecords } from '../../src/testing/simulated-record-store.ts';

const key = { partition: 'job/j', sort: 'record' };

const born = {
  jobId: 'j',
  status: 'RUNNING',
  submittedAt: 1,
  generation: 1,
  attempt: 0,
  stamp: 0,
  latest: { checkpoint: 0, attempt: 0 },
  latestStamp: 0,
  totals: { recordsIn: 0 },
  requests: [],
} as unknown as JobRecord;

const pending = (checkpoint: number, attempt: number, injectedAt: number) => ({ checkpoint, attempt, injectedAt }) as JobRecord['pending'];
const injected = { ...born, attempt: 1, stamp: 10, pending: pending(1, 1, 10)! } as JobRecord;
const { pending: _pending, ...cleared } = injected;
const committed = {
  ...cleared,
  latest: { checkpoint: 1, attempt: 1, manifest: { uri: 's3://b/m', checksum: 'c' } },
  latestStamp: 10,
} as JobRecord;

const marked = { sequence: 1, checkpoint: 1, attempt: 1, publish: true, answers: [] };

function stores() {
  const calls = new PortCalls({ clock: new SimulatedClock(), random: seededRandom(1), plan: noFaults });
  return { violations: new Violations(), records: new SimulatedRecords(calls), objects: new SimulatedObjects(calls) };
}

/** What the checker says about a job record that went through these states. */
function historyOf(...states: readonly JobRecord[]): readonly string[] {
  const { violations, records } = stores();
  records.observe(jobRecordChecker(violations, ({ sort }) => sort === 'record'));
  for (const state of states) records.place(key, state as never);
  return violations.found;
}

describe('the checker of the job record', () => {
  it('lets a regular history pass', () => {
    expect(historyOf(born, injected, committed, { ...committed, generation: 2 })).toEqual([]);
  });

  it.each<[string, readonly JobRecord[], string]>([
    ['a generation that goes back', [born, { ...born, generation: 0 }], 'generation went back'],
    ['a stamp that goes back', [injected, { ...injected, stamp: 5 }], 'stamp went back'],
    ['a generation that is left out', [born, { ...born, generation: 3 }], 'generation jumped'],
    ['a commit of an attempt that was not pending', [born, committed], 'not pending'],
    [
      'a commit that skips a checkpoint',
      [injected, { ...committed, latest: { ...committed.latest, checkpoint: 2 } }],
      'follows checkpoint 0',
    ],
    [
      'a commit before the effects of the last one',
      [{ ...injected, effects: { ...marked, checkpoint: 0, attempt: 0 } }, committed],
      'effects',
    ],
    [
      'a second commit of one checkpoint',
      [committed, { ...committed, latest: { ...committed.latest, attempt: 2 } }],
      'follows checkpoint 1',
    ],
    [
      'an attempt number given out twice',
      [injected, { ...injected, stamp: 20, pending: pending(1, 0, 20)! } as JobRecord],
      'given out before',
    ],
    [
      'an illegal status',
      [
        { ...born, status: 'FINISHED' },
        { ...born, status: 'RUNNING' },
      ],
      'from FINISHED to RUNNING',
    ],
    ['an end without a commit', [born, { ...born, status: 'FINISHED' }], 'finished without a commit'],
    ['effects without a commit', [born, { ...born, effects: marked }], 'without a commit'],
  ])('does not let %s pass', (_name, states, message) => {
    expect(historyOf(...states).join('\n')).toContain(message);
  });

  it('does not let the record be deleted', async () => {
    const { violations, records } = stores();
    records.observe(jobRecordChecker(violations, ({ sort }) => sort === 'record'));
    records.place(key, born as never);
    await records.for().delete(key);
    expect(violations.found).toEqual(['Invariant 1: the job record job/j was deleted']);
  });
});

describe('the checker of names', () => {
  it('finds a name that is written with two contents, also after a deletion', async () => {
    const { violations, objects } = stores();
    objects.observe(writtenOnceChecker(violations));
    const store = objects.for();
    await store.put('s3://b/same', utf8('x'));
    await store.put('s3://b/same', utf8('x'));
    expect(violations.found).toEqual([]);
    await store.put('s3://b/other', utf8('x'));
    await store.delete('s3://b/other');
    await store.put('s3://b/other', utf8('y'));
    expect(violations.found).toEqual(['Invariant 5: s3://b/other was written with two contents']);
  });

  it('finds an acknowledgement that is written over', async () => {
    const { violations, records } = stores();
    records.observe(writtenOnceChecker(violations));
    const acknowledgement = { partition: 'ack/j/v-0', sort: '1' };
    await records.for().put(acknowledgement, { nonce: 'a' }, { kind: 'always' });
    await records.for().put(acknowledgement, { nonce: 'a' }, { kind: 'always' });
    expect(violations.found).toHaveLength(1);
  });
});

describe('the checker of manifests', () => {
  it('does not let a commit without a manifest pass', () => {
    const { violations, records, objects } = stores();
    records.observe(new ManifestChecker({ violations, records, objects, jobId: 'j' }));
    for (const state of [born, injected, committed]) records.place(key, state as never);
    expect(violations.found.join()).toContain('complete without a manifest');
  });
});

describe('the checker of output', () => {
  const manifest = {
    checkpoint: 1,
    vertices: [{ name: 'v', subtasks: [{ subtask: 0, committables: [{ operatorId: 'o', items: [{ staged: 's3://b/staged' }] }] }] }],
  } as unknown as Manifest;
  const published = { stagedUri: 's3://b/staged', finalUri: 's3://b/final' };

  it('lets output pass that becomes visible after its commit', () => {
    const violations = new Violations();
    const checker = new OutputChecker(violations);
    checker.onCommitted(manifest);
    checker.onPublish(published);
    checker.checkEnd([manifest]);
    expect(violations.found).toEqual([]);
  });

  it('finds output that is visible early, lost, or given a name that is taken', () => {
    const violations = new Violations();
    const checker = new OutputChecker(violations);
    checker.onPublish({ ...published, stagedUri: 's3://b/early' });
    checker.onCommitted(manifest);
    checker.checkEnd([manifest]);
    checker.onPublish(published);
    expect(violations.found).toHaveLength(3);
  });
});
